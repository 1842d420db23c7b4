"""A large register: listed whole, copied, in flat memory; ``--long`` makes it 200,000 clients."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Self

import httpx
import psutil
import pytest

MIB = 1_048_576
# By the long form: 20,000 clients, 200,000 clients; of it 64 are the cache of a facade's reads.
RSS_MIB_MAX = {False: 130, True: 190}
COUNT = {False: 20_000, True: 200_000}
COPIED_WITHIN_S = 240
SLOW_READ_S = 2
BLOCK_BYTES = 65_536


class Memory:
    """Watches the resident memory of programs, keeping the most that it saw of each."""

    def __init__(self, **programs) -> None:
        self._watched = {name: psutil.Process(one.pid) for name, one in programs.items()}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak_mib = dict.fromkeys(programs, 0.0)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def now_mib(self) -> dict[str, float]:
        return {name: one.memory_info().rss / MIB for name, one in self._watched.items()}

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            for name, rss in self.now_mib().items():
                self.peak_mib[name] = max(self.peak_mib[name], rss)


def _clients(chunks: Iterator[bytes]) -> Iterator[dict]:
    """Read a JSON array from a stream, one object at a time, and to its very end."""
    decoder = json.JSONDecoder()
    text, opened = "", False
    for chunk in chunks:
        text += chunk.decode()  # every name here is ASCII
        while text.startswith("," if opened else "["):
            try:
                client, end = decoder.raw_decode(text, 1)
            except ValueError:
                break  # its rest is in the next chunk
            yield client
            text, opened = text[end:], True
    assert text == "]"


def _ids(url: str, *, slowly: bool = False) -> list[str]:
    ids: list[str] = []
    with httpx.stream("GET", url, timeout=60) as answer:
        assert answer.status_code == 200
        chunks = answer.iter_bytes(BLOCK_BYTES)
        for client in _clients(_held_up(chunks) if slowly else chunks):
            ids.append(client["id"])  # noqa: PERF401 - the stream is read while it is open
    return ids


def _held_up(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read a little, stop for a while with the answer under way, and read the rest."""
    yield next(chunks)
    time.sleep(SLOW_READ_S)  # the behaviour under test is a reader that does not read
    yield from chunks


@pytest.mark.timeout(600)
def test_a_large_register_is_listed_and_copied_in_flat_memory(
    programs, until, long_form, load_clients, sync_of, assert_in_step, capsys
):
    count = COUNT[long_form]
    figures: dict[str, object] = {"clients": count}
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    with Memory(server=server, facade=facade) as memory:
        figures["at rest, empty (MiB)"] = memory.now_mib()
    facade.stop()

    began = time.monotonic()
    load_clients(server.url, count)
    figures["loaded (s)"] = time.monotonic() - began
    _forget(programs)
    began = time.monotonic()
    facade.start(wait_for=None)
    with Memory(server=server, facade=facade) as memory:
        until(lambda: sync_of(facade)["digest"]["agreed"], "the copy", COPIED_WITHIN_S)
        figures["copied (s)"] = time.monotonic() - began
        for name, url in (("server", f"{server.url}/clients"), ("facade", f"{facade.url}/client")):
            began = time.monotonic()
            ids = _ids(url)
            figures[f"listed by the {name} (s)"] = time.monotonic() - began
            assert len(ids) == count
            assert ids == sorted(set(ids))
            assert _ids(url, slowly=True) == ids
        figures["after (MiB)"] = memory.now_mib()
    figures["peak (MiB)"] = memory.peak_mib
    with capsys.disabled():
        print(f"\n{_rounded(figures)}")  # noqa: T201 - the figures are asked for

    assert max(memory.peak_mib.values()) < RSS_MIB_MAX[long_form]
    assert_in_step(facade, server)


def _forget(programs) -> None:
    """Let the facade begin with nothing, as a new branch does."""
    for file in (programs.folder / "matriz").glob("clients.db*"):
        file.unlink()


def _rounded(figures: dict[str, object]) -> str:
    return json.dumps(json.loads(json.dumps(figures), parse_float=lambda n: round(float(n), 1)))
