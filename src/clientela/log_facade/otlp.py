"""Totals sent to OpenTelemetry at an interval, where its environment variables ask for that.

Invariants: a receiver that is away, slow or wrong costs a request nothing, and the end of the
process at most ``OTLP_LAST_EXPORT_S``; it is told once when that begins, and once when it ends. A
wrong setting is told at the start and exports nothing: a log must not stop a counter from working.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clientela import limits
from clientela.log_facade.totals import Totals

if TYPE_CHECKING:
    from clientela.log_facade.otlp_sender import Sender

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_INTERVAL_MS = "OTEL_METRIC_EXPORT_INTERVAL"

_log = logging.getLogger(__name__)


class _WrongSettingError(Exception):
    """Nothing can be exported: the reason, for an operator."""


def otlp_export(totals: Totals, facade: str, environ: Mapping[str, str]) -> "OtlpExport | None":
    """Make the export that ``environ`` asks for; None for none, or when it is told to be wrong."""
    endpoint = _first(environ, _ENDPOINTS)
    if not endpoint or _is_off(environ):
        return None
    try:
        _check(endpoint, _first(environ, _PROTOCOLS))
        sender = _sender(facade, totals.started_ns)
    except _WrongSettingError as error:
        _log.warning("nothing is exported to OpenTelemetry: %s", error)
        return None
    return OtlpExport(totals, sender, interval_s=_interval_s(environ))


def _check(endpoint: str, protocol: str) -> None:
    if protocol not in ("", "http/protobuf"):
        raise _WrongSettingError(f"it speaks http/protobuf, not {protocol}")
    if not _is_address(endpoint):
        raise _WrongSettingError(f"{endpoint!r} is no address: write http://HOST:4318")


def _sender(facade: str, started_ns: int) -> "Sender":
    try:
        from clientela.log_facade.otlp_sender import Sender  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise _WrongSettingError(
            f"its packages are missing ({error}): pip install 'clientela[otlp]'"
        ) from error
    try:
        return Sender(facade, started_ns)
    except Exception as error:  # the SDK raises anything for its settings
        raise _WrongSettingError(str(error)) from error


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := environ.get(name, "").strip())), "")


def _is_off(environ: Mapping[str, str]) -> bool:
    return (
        environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
        or environ.get("OTEL_METRICS_EXPORTER", "otlp").strip() == "none"
    )


def _is_address(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that don't match
        return False


def _interval_s(environ: Mapping[str, str]) -> float:
    given = environ.get(_INTERVAL_MS, "").strip()
    if not given:
        return limits.OTLP_INTERVAL_S
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given) / 1_000
    _log.warning("%s=%s is no number of milliseconds: 60 s it is", _INTERVAL_MS, given)
    return limits.OTLP_INTERVAL_S


class OtlpExport:
    """A thread that sends the totals every ``interval_s`` seconds, and once more at the end."""

    def __init__(
        self,
        totals: Totals,
        sender: "Sender",
        *,
        interval_s: float,
        last_export_s: float = limits.OTLP_LAST_EXPORT_S,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._totals = totals
        self._sender = sender
        self._interval_s = interval_s
        self._last_export_s = last_export_s
        self._wall_ns = wall_ns
        self._failing = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="otlp-export", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def close(self) -> None:
        """Send what is new, unless the receiver is away; within ``last_export_s``."""
        if self._stop.is_set():
            return
        self._stop.set()
        if self._failing or self._sender.failing:
            self._sender.close()  # ends a retry that is being waited for
        self._thread.join(self._last_export_s)
        self._sender.close()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            self._export()
        if not self._failing:
            self._export()

    def _export(self) -> None:
        totals = self._totals.read()
        try:
            why = self._sender.send(totals, self._wall_ns()) if totals else None
        except Exception as error:  # noqa: BLE001 - whatever it is, the next interval may do better
            why = f"{type(error).__name__}: {error}"
        if why is not None and not self._failing:
            _log.warning("OpenTelemetry's receiver can't be reached, it is tried again: %s", why)
        elif why is None and self._failing:
            _log.warning("OpenTelemetry's receiver is reached again")
        self._failing = why is not None
