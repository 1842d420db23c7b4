"""``clientela server``: the authority."""

from datetime import time
from pathlib import Path
from typing import Annotated

import typer

from clientela import limits
from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import (
    AllowedHost,
    Guarded,
    Host,
    RequestsPerS,
    TlsCertificate,
    TlsKey,
    TrustedProxy,
    checked_url,
)
from clientela.errors import StartupError
from clientela.server.app import Server
from clientela.server.backups import BackupPlan
from clientela.server.upkeep import UpkeepPlan
from clientela.storage.urls import database_of
from clientela.web.admission import Admission
from clientela.web.guards import is_loopback
from clientela.web.serving import serve
from clientela.web.transport import transport


def _time_of_day(text: object) -> time:
    return time.fromisoformat(str(text))


_LOGS = Path("data/logs.db")  # of a server whose register is in no folder


def server(
    db: Annotated[
        str, typer.Option(help="The register: sqlite:///file.db, or postgresql://….")
    ] = "sqlite:///data/register.db",
    log_db: Annotated[
        str | None,
        typer.Option(
            help="The Log DB, when not beside the register: sqlite:///file.db or postgresql://…."
        ),
    ] = None,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
    guarded: Guarded = False,
    token_requests_per_s: RequestsPerS = limits.TOKEN_REQUESTS_PER_S,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    trusted_proxy: TrustedProxy = [],  # noqa: B006 - typer copies it
    shared_cache: Annotated[
        bool,
        typer.Option(
            "--shared-cache",
            help="Let caches before the server keep pages of the feed for all its followers.",
        ),
    ] = False,
    backup_dir: Annotated[
        Path | None, typer.Option(help="Folder for a backup of the register every night.")
    ] = None,
    backup_at: Annotated[
        time,
        typer.Option(
            parser=_time_of_day,
            metavar="HH:MM",
            help="When, by this machine's clock.",
            show_default="03:00",
        ),
    ] = time(3),
    backups_kept: Annotated[
        int, typer.Option(min=1, help="How many backups are kept; older ones go.")
    ] = limits.BACKUPS_KEPT_ITEMS,
    alert_webhook: Annotated[
        str | None, typer.Option(help="Address that hears, by POST, of facades in trouble.")
    ] = None,
    alert_after: Annotated[
        float, typer.Option(min=0, help="Minutes for which the trouble has lasted by then.")
    ] = limits.ALERT_AFTER_S / 60,
) -> None:
    """Run the authority: the one register that every facade is kept in step with.

    On loopback it is open to this machine; on any other address it asks for tokens.
    """
    with clear_errors():
        reached = transport(tls_certificate, tls_key, trusted_proxy)
        register = database_of(db)
        beside = register.with_name("logs.db") if isinstance(register, Path) else _LOGS
        logs = database_of(log_db) if log_db else beside
        asks = guarded or not is_loopback(host)
        admission = Admission(token_requests_per_s) if asks else None
        backups = BackupPlan(backup_dir, backup_at, backups_kept) if backup_dir else None
        webhook = checked_url(alert_webhook, query=True) if alert_webhook else None
        authority = Server(
            register,
            log_database=logs,
            hosts=allowed_host,
            admission=admission,
            shared_cache=shared_cache,
            upkeep=UpkeepPlan(backups, webhook, 60 * alert_after),
        )
        if admission is not None and not admission.has_tokens:
            authority.close()
            raise StartupError(
                f"Nobody could come in: {db} has no token that lives. Make one: "
                f"clientela token add --role admin --name YOU --db {db}"
            )
        serve(
            authority.app,
            host=host,
            port=port,
            on_stop=authority.stop_live_answers,
            transport=reached,
        )
