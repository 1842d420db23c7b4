"""A register of clients as FastAPI's and SQLAlchemy's documentation would have it."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Holds the tables."""


class Client(Base):
    """A row."""

    __tablename__ = "clients"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    document: Mapped[str | None] = mapped_column(unique=True)
    notes: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class ClientFields(BaseModel):
    """What people send."""

    name: str
    email: str | None = None
    phone: str | None = None
    document: str | None = None
    notes: str | None = None


class ClientCreate(ClientFields):
    """A new client."""

    id: str


class ClientChange(ClientFields):
    """Some fields."""

    name: str | None = None


class ClientRead(ClientCreate):
    """What they are shown."""

    model_config = ConfigDict(from_attributes=True)
    created_at: datetime
    updated_at: datetime
    version: int


# As many connections as FastAPI has threads: with fewer, threads that wait for a connection keep
# out those that would give one back. Writers wait for each other.
engine = create_engine(
    f"sqlite:///{os.environ['DATABASE']}", pool_size=40, connect_args={"timeout": 60}
)


@event.listens_for(engine, "connect")
def _durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


Sessions = Annotated[Session, Depends(_session)]
app = FastAPI()


def _seed(path: Path) -> None:
    Base.metadata.create_all(engine)
    now = datetime.now(UTC)
    stamps = {"created_at": now, "updated_at": now, "version": 1}
    with engine.begin() as connection, path.open() as lines:
        connection.execute(insert(Client), [{**json.loads(line), **stamps} for line in lines])


_seed(Path(os.environ["SEED"]))


@app.get("/clients/{client_id}")
def read(client_id: str, session: Sessions) -> ClientRead:
    """Give one client."""
    found = session.get(Client, client_id)
    if found is None:
        raise HTTPException(404)
    return ClientRead.model_validate(found)


@app.get("/clients")
def read_page(session: Sessions, limit: int = 1_000) -> list[ClientRead]:
    """Give the first clients."""
    found = session.scalars(select(Client).order_by(Client.id).limit(limit))
    return [ClientRead.model_validate(client) for client in found]


@app.post("/clients", status_code=201)
def create(client: ClientCreate, session: Sessions) -> ClientRead:
    """Insert one client."""
    now = datetime.now(UTC)
    row = Client(**client.model_dump(), created_at=now, updated_at=now, version=1)
    session.add(row)
    session.commit()
    return ClientRead.model_validate(row)


@app.patch("/clients/{client_id}")
def change(client_id: str, sent: ClientChange, session: Sessions) -> ClientRead:
    """Change some fields."""
    row = session.get(Client, client_id)
    if row is None:
        raise HTTPException(404)
    for field, value in sent.model_dump(exclude_unset=True).items():
        setattr(row, field, value)
    row.updated_at, row.version = datetime.now(UTC), row.version + 1
    session.commit()
    return ClientRead.model_validate(row)
