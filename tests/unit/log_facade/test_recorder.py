import threading
import time
from functools import partial

import apsw
import pytest

from clientela import limits
from clientela.errors import StartupError
from clientela.log_facade.healing import HealingFile
from clientela.log_facade.packing import batch_of
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.store import open_store
from clientela.storage.database import files_of


@pytest.fixture
def recorder(path, clock):
    made = Recorder(partial(open_store, path), wall_ns=clock)
    yield made
    made.close()


def rows(path, sql):
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = connection.execute(sql).fetchall()
    connection.close()
    return found


def kept(path):
    in_blocks = "SELECT coalesce(sum(count), 0) FROM blocks"
    return rows(path, f"SELECT (SELECT count(*) FROM entries) + ({in_blocks})")[0][0]


class Disk:
    """A store whose disk fails when told."""

    def __init__(self, path):
        self._path = path
        self.full = False

    def __call__(self):
        store = open_store(self._path)
        healthy = store.write

        def write(*given, **more):
            if self.full:
                raise OSError(28, "No space left on device")
            healthy(*given, **more)

        store.write = write
        return store


def test_an_entry_is_kept_within_300_ms(path, make_record):
    recorder = Recorder(partial(open_store, path))
    recorder.start()
    delays_s = []
    for entries in (1, 2, 3):
        recorder.append(make_record())
        appended = time.perf_counter()
        while kept(path) < entries:
            time.sleep(0.005)
        delays_s.append(time.perf_counter() - appended)
    recorder.close()

    # The best of three: others use the machine too.
    assert min(delays_s) < 0.3


def test_closing_writes_what_waits(path, recorder, make_record):
    recorder.start()
    recorder.append(make_record())
    recorder.close()
    recorder.close()

    assert kept(path) == 1


def test_a_restart_keeps_the_entries_and_goes_on_numbering(path, clock, make_record):
    for _ in range(3):
        recorder = Recorder(partial(open_store, path), wall_ns=clock)
        recorder.start()
        recorder.append(make_record())
        recorder.close()

    assert rows(path, "SELECT seq FROM entries ORDER BY seq") == [(1,), (2,), (3,)]
    assert rows(path, "SELECT last_seq, entries FROM log") == [(3, 3)]


def test_what_does_not_fit_the_buffer_is_counted(path, clock, make_record):
    recorder = Recorder(partial(open_store, path), entries_max=2, wall_ns=clock)
    for _ in range(5):
        recorder.append(make_record())
    dropped = (recorder.dropped, recorder.dropped_unwritten)
    recorder.flush()

    assert dropped == (3, 3)
    assert (recorder.dropped, recorder.dropped_unwritten) == (3, 0)
    assert rows(path, "SELECT count FROM drops") == [(3,)]
    recorder.close()
    assert kept(path) == 2


def test_what_a_failing_disk_refuses_is_written_when_it_is_well(path, make_record, caplog, watch):
    disk = Disk(path)
    recorder = Recorder(disk, clock=watch)
    recorder.append(make_record())
    recorder.flush()
    disk.full = True
    for _ in range(3):
        recorder.append(make_record())
        recorder.flush()
    told = (recorder.dropped, recorder.waiting, recorder.failure)
    disk.full = False
    recorder.append(make_record())
    recorder.flush()
    recorder.close()

    assert told == (0, 3, "OSError: [Errno 28] No space left on device")
    assert (recorder.dropped, recorder.waiting, recorder.failure) == (0, 0, None)
    assert kept(path) == 5
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_a_disk_that_stays_full_fills_no_memory(path, make_record, watch):
    disk = Disk(path)
    recorder = Recorder(disk, entries_max=4, clock=watch)
    disk.full = True
    for _ in range(10):
        recorder.append(make_record())
        recorder.flush()
    told = (recorder.dropped, recorder.waiting)
    disk.full = False
    recorder.flush()
    recorder.close()

    assert told == (6, 4)
    assert kept(path) == 4
    assert rows(path, "SELECT sum(count) FROM drops") == [(6,)]


def test_a_disk_that_fails_is_not_tried_at_every_flush(path, make_record):
    disk = Disk(path)
    recorder = Recorder(disk, clock=lambda: 7.0)
    recorder.append(make_record())
    disk.full = True
    recorder.flush()
    disk.full = False
    recorder.flush()
    waiting = recorder.waiting
    recorder.close()

    assert waiting == 1
    assert kept(path) == 1


def test_a_large_batch_is_written_in_parts(path, make_record, monkeypatch):
    monkeypatch.setattr(limits, "LOG_BATCH_ENTRIES_MAX", 3)
    sizes = []
    store = open_store(path)
    write = store.write
    store.write = lambda records, **more: (sizes.append(len(records)), write(records, **more))
    recorder = Recorder(lambda: store)
    for _ in range(8):
        recorder.append(make_record())
    recorder.flush()
    recorder.close()

    assert sizes == [3, 3, 2]
    assert kept(path) == 8


def test_drops_are_told_once_a_minute(path, make_record, caplog, watch):
    recorder = Recorder(partial(open_store, path), entries_max=1, clock=watch)
    for _ in range(5):
        recorder.append(make_record())
        recorder._tell_drops()
    watch.now_s += limits.LOG_DROPS_TOLD_INTERVAL_S
    recorder._tell_drops()
    recorder.close()

    told = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert told == ["1 log entries were dropped", "3 log entries were dropped"]


def test_listeners_hear_each_record_once_also_of_a_failing_disk(path, make_record, caplog, watch):
    heard = []
    disk = Disk(path)

    def hear(batch):
        heard.extend(batch.latency_us.tolist())

    recorder = Recorder(disk, listeners=[lambda _: 1 / 0, hear], clock=watch)
    disk.full = True
    for latency_us in (1, 2):
        recorder.append(make_record(latency_us=latency_us))
        recorder.flush()
    disk.full = False
    recorder.flush()
    recorder.close()

    assert heard == [1, 2]
    assert kept(path) == 2
    assert "division" in caplog.text


def test_a_store_that_cant_be_opened_yet_is_opened_later(path, make_record, watch):
    attempts = iter([StartupError("no"), None])

    def open_later():
        error = next(attempts)
        if error:
            raise error
        return open_store(path)

    recorder = Recorder(open_later, clock=watch)
    recorder.append(make_record())
    recorder.flush()
    recorder.append(make_record())
    recorder.flush()
    recorder.close()

    assert (recorder.dropped, kept(path)) == (0, 2)


@pytest.fixture
def healing(path, watch):
    file = HealingFile(path)
    made = Recorder(file.open, is_gone=file.is_gone, clock=watch)
    made.start()
    yield made
    made.close()


def test_a_log_db_that_was_removed_is_made_anew(path, healing, make_record):
    healing.append(make_record())
    healing.flush()
    for file in files_of(path):
        file.unlink()
    healing.append(make_record())
    healing.append(make_record())
    healing.flush()

    assert kept(path) == 2


def test_a_log_db_that_was_damaged_is_set_aside_and_begun_anew(path, healing, make_record):
    healing.append(make_record())
    healing.flush()
    for file in files_of(path):
        file.write_bytes(b"\0" * 8_192)
    for _ in range(4):
        healing.append(make_record())
        healing.flush()

    assert healing.failure is None
    assert kept(path) == 4
    assert len(list(path.parent.glob("*.damaged-*"))) >= 1


def test_a_damaged_log_db_is_set_aside_at_the_start(path, make_record):
    store = open_store(path)
    store.write(batch_of([make_record() for _ in range(500)]), now_us=0)
    store.close()
    content = bytearray(path.read_bytes())
    content[4_096:] = b"\0" * len(content[4_096:])
    path.write_bytes(content)
    file = HealingFile(path)
    recorder = Recorder(file.open, is_gone=file.is_gone)
    recorder.start()
    recorder.append(make_record())
    recorder.close()

    assert kept(path) == 1
    aside = min(path.parent.glob("*.damaged-*"))
    assert aside.read_bytes() == content


def test_a_foreign_file_is_refused_at_the_start_and_left_alone(path):
    path.write_text("a diary, not a database")
    recorder = Recorder(HealingFile(path).open)

    with pytest.raises(StartupError):
        recorder.start()
    assert path.read_text() == "a diary, not a database"


def test_pruning_that_fails_costs_no_entry(path, make_record, caplog):
    store = open_store(path)
    store.prune = lambda _: 1 / 0
    recorder = Recorder(lambda: store)
    recorder.append(make_record())
    recorder.flush()
    recorder.close()

    assert (recorder.dropped, kept(path)) == (0, 1)
    assert "division" in caplog.text


def test_threads_lose_nothing(path, make_record):
    recorder = Recorder(partial(open_store, path), flush_interval_s=0.001)
    recorder.start()

    def append():
        for _ in range(500):
            recorder.append(make_record())

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()

    assert (kept(path), recorder.waiting, recorder.dropped) == (2_000, 0, 0)
