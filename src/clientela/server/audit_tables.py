"""The audit trail: who did what to which client, when, and from where. It is kept for ever.

One row for each write that was decided, for each erasure and for each export. It holds no value of
a client; what was decided stands in the write's receipt. By it a client's receipts are found, too.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from clientela.clients.ids import id_bytes, id_text
from clientela.clients.writes import Receipt
from clientela.storage.engine import Connection

# Of what was decided before there was a trail, only the time of accepted writes is known.
MIGRATION = """
CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY,
    at_us     INTEGER,
    action    TEXT NOT NULL,
    client_id BLOB NOT NULL,
    write_id  BLOB,
    facade    TEXT,
    actor     TEXT,
    address   TEXT
) STRICT;
INSERT INTO audit (at_us, action, client_id, write_id, facade, actor)
    SELECT (SELECT at_s * 1000000 FROM changes WHERE version = told.version
            AND changes.client_id = told.client_id),
        operation, client_id, write_id, facade, actor
    FROM (SELECT seq, write_id, told ->> '$.operation' AS operation,
            unhex(told ->> '$.client_id', '-') AS client_id,
            CAST(substr(told ->> '$.version', 12) AS INTEGER) AS version,
            told ->> '$.facade' AS facade, told ->> '$.actor' AS actor
        FROM (SELECT seq, write_id, CAST(receipt AS TEXT) AS told FROM receipts)) AS told
    ORDER BY seq;
CREATE INDEX audit_by_client ON audit (client_id, seq);
-- Refusals that tell whose document it is: at that client's erasure they no longer do.
CREATE TABLE holders (
    client_id BLOB NOT NULL,
    write_id  BLOB NOT NULL,
    PRIMARY KEY (client_id, write_id)
) STRICT, WITHOUT ROWID;
INSERT INTO holders (client_id, write_id)
    SELECT unhex(CAST(receipt AS TEXT) ->> '$.reason.holder', '-'), write_id
    FROM receipts WHERE CAST(receipt AS TEXT) ->> '$.reason.holder' IS NOT NULL;
"""

ADD = "INSERT INTO audit (at_us, action, client_id, write_id, facade, actor, address)"
ADD_HOLDER = "INSERT INTO holders (client_id, write_id)"
WRITES_OF = "SELECT write_id FROM audit WHERE client_id = ? AND write_id IS NOT NULL ORDER BY seq"
NAMING = "SELECT write_id FROM holders WHERE client_id = ?"
FORGET_HOLDER = "DELETE FROM holders WHERE client_id = ?"
PAGE = """
SELECT a.seq, a.at_us, a.action, a.client_id, a.write_id, a.facade, a.actor, a.address, r.receipt
FROM audit a LEFT JOIN receipts r ON r.write_id = a.write_id
WHERE {conditions} ORDER BY a.seq {direction} LIMIT ?
"""

_decode_receipt = msgspec.json.Decoder(Receipt).decode


class Source(NamedTuple):
    """Where a request came from: a facade's name, a person's, the address of the connection."""

    facade: str | None = None
    actor: str | None = None
    address: str | None = None


class Act(NamedTuple):
    """One row of the trail; ``at_us`` is Unix time, None where it is not known."""

    seq: int
    at_us: int | None
    action: str
    client_id: str
    write_id: str | None
    source: Source
    receipt: Receipt | None


class Asked(NamedTuple):
    """Which rows of the trail are asked for; None asks for all. Times are Unix microseconds."""

    client_id: str | None = None
    actor: str | None = None
    facade: str | None = None
    action: str | None = None
    from_us: int | None = None
    to_us: int | None = None

    def conditions(self) -> tuple[list[str], list[object]]:
        """Give them as SQL, with their parameters."""
        key = id_bytes(self.client_id) if self.client_id else None
        every: list[tuple[str, object]] = [
            ("a.client_id = ?", key),
            ("a.actor = ?", self.actor),
            ("a.facade = ?", self.facade),
            ("a.action = ?", self.action),
            ("a.at_us >= ?", self.from_us),
            ("a.at_us < ?", self.to_us),
        ]
        given = [(condition, value) for condition, value in every if value is not None]
        return [condition for condition, _ in given], [value for _, value in given]


class AuditTables:
    """The queries on the trail, on one connection, for one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, at_us: int, action: str, client_id: str, write_id: str | None, by: Source
    ) -> None:
        """Note one act."""
        key = None if write_id is None else id_bytes(write_id)
        values = (at_us, action, id_bytes(client_id), key, *by)
        self._connection.execute(f"{ADD} VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def writes_of(self, client_id: str) -> list[str]:
        """Give the ids of the writes that were decided of a client, in their order."""
        return self._write_ids(WRITES_OF, client_id)

    def naming(self, client_id: str) -> list[str]:
        """Give the refused writes whose receipts name a client as the holder of a document."""
        return self._write_ids(NAMING, client_id)

    def forget_naming(self, client_id: str) -> None:
        """Forget which receipts name a client: they no longer do."""
        self._connection.execute(FORGET_HOLDER, (id_bytes(client_id),))

    def _write_ids(self, query: str, client_id: str) -> list[str]:
        rows = self._connection.execute(query, (id_bytes(client_id),))
        return [id_text(key) for (key,) in rows]

    def page(self, asked: Asked, after: int | None, limit: int, *, descending: bool) -> list[Act]:
        """Give up to ``limit`` acts that follow a row."""
        conditions, values = asked.conditions()
        if after is not None:
            conditions.append("a.seq < ?" if descending else "a.seq > ?")
            values.append(after)
        query = PAGE.format(
            conditions=" AND ".join(conditions) or "1 = 1",
            direction="DESC" if descending else "ASC",
        )
        return list(self._acts(query, *values, limit))

    def _acts(self, query: str, *values: Any) -> Iterator[Act]:
        for seq, at_us, action, client, write, *by, receipt in self._connection.execute(
            query, values
        ):
            yield Act(
                seq,
                at_us,
                action,
                id_text(client),
                None if write is None else id_text(write),
                Source(*by),
                None if receipt is None else _decode_receipt(receipt),
            )
