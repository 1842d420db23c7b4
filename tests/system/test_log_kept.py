"""What the log keeps when its process ends: all when it is told to, nearly all when killed."""

import time

import httpx
import pytest

KEPT_AFTER_S = 0.25
REQUESTS = 200


@pytest.fixture
def facade(programs, until):
    server = programs.server().start()
    made = programs.facade(server.url, "matriz").start()
    until(lambda: httpx.get(f"{made.url}/readyz").status_code == 200, "ready")
    return made


def _ask(facade) -> dict[str, float]:
    """Make requests; gives when each was answered, by its trace."""
    answered = {}
    with httpx.Client(base_url=facade.url) as http:
        for number in range(1, REQUESTS + 1):
            trace = f"{number:032x}"
            http.get("/client?limit=1", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
            answered[trace] = time.monotonic()
            time.sleep(0.002)
    return answered


def _kept(facade) -> set[str]:
    entries = httpx.get(f"{facade.url}/logs", params={"route": "/client"}).json()
    return {entry["trace_id"] for entry in entries}


def test_an_orderly_stop_loses_no_entry(facade):
    answered = _ask(facade)
    facade.stop()
    facade.start()

    assert _kept(facade) == answered.keys()


@pytest.mark.parametrize("attempt", range(3))
def test_a_kill_loses_only_what_was_answered_just_before(facade, attempt):
    del attempt
    answered = _ask(facade)
    facade.kill()
    killed = time.monotonic()
    facade.start()

    old = {trace for trace, at in answered.items() if killed - at > KEPT_AFTER_S}
    assert len(old) > REQUESTS / 4
    assert old - _kept(facade) == set()
