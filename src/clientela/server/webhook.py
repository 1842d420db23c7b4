"""Telling alerts to another service: each as JSON by POST, in order, until it is taken."""

import asyncio
import logging
from collections import deque

import aiohttp
import msgspec

from clientela import limits
from clientela.server.alerts import Alert
from clientela.web.metrics import Figure

_log = logging.getLogger(__name__)


class Webhook:
    """Sends to one URL; belongs to one event loop. The oldest alerts go when too many wait."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: deque[Alert] = deque(maxlen=limits.ALERTS_WAITING_ITEMS_MAX)
        self._arrived = asyncio.Event()
        self._failures = 0

    def tell(self, alert: Alert) -> None:
        """Let an alert be sent."""
        self._waiting.append(alert)
        self._arrived.set()

    def figures(self) -> dict[str, Figure]:
        """Give the figures that Prometheus is told."""
        failures = Figure("Attempts to send an alert.", self._failures, is_counter=True)
        return {
            "alerts_waiting": Figure("Alerts that wait to be sent.", len(self._waiting)),
            "alert_failures": failures,
        }

    async def run(self) -> None:
        """Send what waits until cancelled."""
        timeout = aiohttp.ClientTimeout(total=limits.ALERT_ANSWER_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await self._arrived.wait()
                await self._send_all(session)

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        delay_s = limits.ALERT_AGAIN_S_MIN
        while self._waiting:
            alert = self._waiting[0]
            error = await self._send(session, alert)
            if error is None:
                delay_s = limits.ALERT_AGAIN_S_MIN
                if self._waiting and self._waiting[0] is alert:  # not dropped for newer ones
                    self._waiting.popleft()
                continue
            self._failures += 1
            _log.warning("An alert could not be sent, %s wait: %s", len(self._waiting), error)
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, limits.ALERT_AGAIN_S_MAX)
        self._arrived.clear()

    async def _send(self, session: aiohttp.ClientSession, alert: Alert) -> str | None:
        """Send one; gives what went wrong."""
        headers = {"Content-Type": "application/json"}
        body = msgspec.json.encode(alert)
        try:
            async with session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return None if response.ok else f"it was answered {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return str(error) or type(error).__name__
