"""Backup and restore with real processes: nothing acknowledged is missing, everyone comes back."""

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from uuid import uuid4

import httpx
import pytest

COPY = "A fresh copy of the register"


def clientela(*arguments):
    """Run a command to its end; gives its exit code and what it said."""
    command = [sys.executable, "-m", "clientela.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def url_of(path):
    return f"sqlite:///{path}"


def back_up(source, out, *more):
    code, said = clientela("backup", "--db", url_of(source), "--out", out, *more)
    assert code == 0, said


def restore(backup, target, *more):
    code, said = clientela("restore", "--from", backup, "--db", url_of(target), *more)
    assert code == 0, said


def insert(url, name, **fields):
    """Insert a client; gives its id, once that is acknowledged."""
    answer = httpx.post(f"{url}/client", json={"name": name, **fields}, timeout=20)
    assert answer.status_code in (201, 202), answer.text
    return answer.headers["Location"].partition("id=")[2]


def names(url):
    return sorted(client["name"] for client in httpx.get(url, timeout=20).json())


def lost(facade):
    return httpx.get(f"{facade.url}/sync/lost").json()


def make_accepted(folder, write_id, version):
    """Leave a write as after an answer that came before the feed did."""
    with sqlite3.connect(folder / "clients.db") as file:
        file.execute(
            "UPDATE outbox SET state = 'accepted', receipt = CAST(json_set("
            "CAST(receipt AS TEXT), '$.outcome', 'accepted', '$.version', ?) AS BLOB) "
            "WHERE write_id = ?",
            (f"{1:010d}_{version:020d}", bytes.fromhex(write_id.replace("-", ""))),
        )
        assert file.execute("SELECT changes()").fetchone() == (1,)
    file.close()


@pytest.fixture
def system(programs, assert_in_step):
    """A server and two facades in step, with a client."""
    server = programs.server().start()
    facades = [programs.facade(server.url, name).start() for name in ("matriz", "filial")]
    insert(facades[0].url, "Ana")
    for facade in facades:
        assert_in_step(facade, server)
    return server, facades


def register_of(programs):
    return programs.folder / "server" / "register.db"


def test_a_backup_under_load_holds_every_write_acknowledged_before_it_began(
    programs, read_register, load_clients
):
    server = programs.server().start()
    load_clients(server.url, 5_000)
    acknowledged, stop = [], threading.Event()

    def write():
        with httpx.Client() as session:
            while not stop.is_set():
                answer = session.post(f"{server.url}/clients", json={"name": "Sob carga"})
                assert answer.status_code == 201
                acknowledged.append(answer.headers["Location"].rpartition("/")[2])

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 100:
        time.sleep(0.01)
    before = list(acknowledged)

    back_up(register_of(programs), programs.folder / "backup.db")

    written_meanwhile = len(acknowledged) - len(before)
    stop.set()
    for writer in writers:
        writer.join()
    restore(programs.folder / "backup.db", programs.folder / "restored" / "register.db")
    restored = programs.server("restored").start()
    register = read_register(f"{restored.url}/clients")
    told = httpx.get(f"{restored.url}/clients?limit=1").headers

    assert written_meanwhile > 0
    assert set(before) <= set(register.rows)
    assert register.digest == told["Clientela-Digest"]
    identity = httpx.get(f"{server.url}/livez").headers["Clientela-Register"]
    assert told["Clientela-Register"] == identity


def test_facades_ahead_of_a_restored_register_come_back_in_step_once(
    programs, system, assert_in_step
):
    server, facades = system
    backup, register = programs.folder / "backup.db", register_of(programs)
    back_up(register, backup)
    for number in range(20):
        insert(facades[number % 2].url, f"Depois {number}")
    changed = httpx.get(f"{server.url}/clients").json()[0]
    httpx.patch(f"{facades[1].url}/client?id={changed['id']}", json={"notes": "mudou"})
    for facade in facades:
        assert_in_step(facade, server)
    server.kill()

    restore(backup, register, "--force")
    server.start()

    for facade in facades:
        assert_in_step(facade, server)
        assert names(f"{facade.url}/client") == ["Ana"]
        assert httpx.get(f"{facade.url}/sync").json()["lost"] == 21
        found = lost(facade)
        assert [change["headers"]["operation"] for change in found] == ["insert"] * 20 + ["update"]
        assert found[-1]["before"]["notes"] is None
    insert(facades[0].url, "Nova")
    for facade in facades:
        assert_in_step(facade, server)
        assert facade.output.count(COPY) == 1


def test_lost_changes_are_offered_again_each_as_it_was_meant(programs, system, assert_in_step):
    server, (matriz, filial) = system
    backup, register = programs.folder / "backup.db", register_of(programs)
    ana = httpx.get(f"{matriz.url}/client").json()[0]["id"]
    rui = insert(matriz.url, "Rui")
    back_up(register, backup)
    insert(filial.url, "Bia", email="bia@example.com")
    httpx.patch(f"{filial.url}/client?id={ana}", json={"notes": "um"})
    httpx.patch(f"{filial.url}/client?id={ana}", json={"email": "ana@example.com"})
    httpx.delete(f"{filial.url}/client?id={rui}")
    for facade in (matriz, filial):
        assert_in_step(facade, server)
    server.kill()
    restore(backup, register, "--force")
    server.start()
    for facade in (matriz, filial):
        assert_in_step(facade, server)
    inserted, _, second_update, deleted = (one["headers"]["write_id"] for one in lost(matriz))

    for write_id in (inserted, second_update, deleted):
        answer = httpx.post(f"{matriz.url}/sync/lost/{write_id}/offer", timeout=20)
        assert answer.json()["outcome"] == "accepted", answer.text

    assert_in_step(matriz, server)
    assert names(f"{server.url}/clients") == ["Ana", "Bia"]
    found = httpx.get(f"{server.url}/clients/{ana}").json()
    assert (found["email"], found["notes"]) == ("ana@example.com", None)
    # The other facade still lists them: offered there, too, they change nothing more.
    again = httpx.post(f"{filial.url}/sync/lost/{inserted}/offer", timeout=20)
    assert again.json()["outcome"] == "accepted"
    assert names(f"{server.url}/clients") == ["Ana", "Bia"]
    (left,) = lost(matriz)
    write_id = left["headers"]["write_id"]
    assert httpx.delete(f"{matriz.url}/sync/lost/{write_id}").status_code == 204
    assert lost(matriz) == []
    assert httpx.delete(f"{matriz.url}/sync/lost/{write_id}").status_code == 404


def test_a_facade_that_was_level_with_the_backup_goes_on_without_a_copy(
    programs, system, assert_in_step, until
):
    server, facades = system
    backup, register = programs.folder / "backup.db", register_of(programs)
    back_up(register, backup)
    server.stop()
    insert(facades[0].url, "Aceita, e perdida antes de voltar")
    (write,) = httpx.get(f"{facades[0].url}/sync").json()["writes"]
    facades[0].stop()
    make_accepted(programs.folder / "matriz", write["write_id"], version=2)
    restore(backup, register, "--force")
    facades[0].start()

    server.start()

    until(lambda: len(names(f"{server.url}/clients")) == 2, "sent again")

    for facade in facades:
        assert_in_step(facade, server)
    insert(facades[0].url, "Nova")
    for facade in facades:
        assert_in_step(facade, server)
        assert COPY not in facade.output
        assert lost(facade) == []


def test_what_waits_in_an_outbox_survives_a_restore_and_is_sent_once(
    programs, system, assert_in_step, until
):
    server, (matriz, filial) = system
    backup, register = programs.folder / "backup.db", register_of(programs)
    back_up(register, backup)
    settled_id, accepted_id, pending_id = (str(uuid4()) for _ in range(3))

    def write_offline(write_id, name):
        answer = httpx.post(
            f"{matriz.url}/client", json={"name": name}, headers={"Idempotency-Key": write_id}
        )
        assert answer.status_code == 202

    server.stop()
    write_offline(settled_id, "Assentado")
    server.start()
    until(lambda: httpx.get(f"{matriz.url}/sync").json()["outbox"]["pending"] == 0, "sent")
    assert_in_step(matriz, server)
    assert_in_step(filial, server)
    server.stop()
    write_offline(pending_id, "Pendente")
    matriz.stop()
    make_accepted(programs.folder / "matriz", pending_id, version=3)
    restore(backup, register, "--force")
    matriz.start()
    write_offline(accepted_id, "Depois do aceite")

    server.start()

    until(lambda: httpx.get(f"{matriz.url}/sync").json()["outbox"]["pending"] == 0, "sent again")
    for facade in (matriz, filial):
        assert_in_step(facade, server)
    assert names(f"{server.url}/clients") == ["Ana", "Depois do aceite", "Pendente"]
    for facade in (matriz, filial):
        assert [one["headers"]["write_id"] for one in lost(facade)] == [settled_id]
    void = httpx.get(f"{matriz.url}/client/writes/{settled_id}").json()
    assert (void["outcome"], void["reason"]["code"]) == ("refused", "lost")
    assert lost(matriz)[0]["write"]["write_id"] == settled_id
    # The same write once more is no stranger: it is decided anew, and lost no longer.
    once_more = httpx.post(
        f"{matriz.url}/client", json={"name": "Assentado"}, headers={"Idempotency-Key": settled_id}
    )
    assert once_more.status_code == 201
    for facade in (matriz, filial):
        assert_in_step(facade, server)
        assert lost(facade) == []
    receipt = httpx.get(f"{matriz.url}/client/writes/{settled_id}").json()
    assert receipt["outcome"] == "accepted"


def test_an_older_file_put_back_by_hand_is_noticed(programs, system, assert_in_step):
    server, facades = system
    register, older = register_of(programs), programs.folder / "older.db"
    server.stop()
    shutil.copy(register, older)
    server.start()
    for number in range(5):
        insert(facades[0].url, f"Depois {number}")
    for facade in facades:
        assert_in_step(facade, server)
    server.stop()
    shutil.copy(older, register)

    server.start()

    for facade in facades:
        assert_in_step(facade, server)
        assert names(f"{facade.url}/client") == ["Ana"]
        assert len(lost(facade)) == 5
        assert facade.output.count(COPY) == 1


def test_an_older_file_that_has_grown_past_the_facades_is_noticed(programs, system, assert_in_step):
    server, facades = system
    register, older = register_of(programs), programs.folder / "older.db"
    server.stop()
    shutil.copy(register, older)
    server.start()
    for number in range(5):
        insert(facades[0].url, f"Depois {number}")
    for facade in facades:
        assert_in_step(facade, server)
        facade.stop()
    server.stop()
    shutil.copy(older, register)
    server.start()
    for number in range(9):
        httpx.post(f"{server.url}/clients", json={"name": f"Outro {number}"})

    for facade in facades:
        facade.start()

    for facade in facades:
        assert_in_step(facade, server)
        assert names(f"{facade.url}/client") == ["Ana", *(f"Outro {n}" for n in range(9))]
        assert facade.output.count(COPY) == 1
        assert [one["value"]["name"] for one in lost(facade)] == [f"Depois {n}" for n in range(5)]


def test_a_facades_folder_is_backed_up_while_it_runs_and_restored_with_what_waits(
    programs, system, assert_in_step, until
):
    server, (matriz, _) = system
    server.stop()
    insert(matriz.url, "Na fila")
    backup, logs = programs.folder / "matriz.backup", programs.folder / "logs.backup"
    folder = programs.folder / "matriz"

    code, said = clientela("backup", "--data", folder, "--out", backup, "--logs-out", logs)

    assert code == 0, said
    matriz.kill()
    shutil.rmtree(folder)
    code, said = clientela("restore", "--from", backup, "--data", folder, "--logs-from", logs)
    assert code == 0, said
    assert (folder / "logs.db").exists()
    server.start()
    httpx.post(f"{server.url}/clients", json={"name": "Enquanto isso"})
    matriz.start()
    until(lambda: httpx.get(f"{matriz.url}/sync").json()["outbox"]["pending"] == 0, "sent")
    assert_in_step(matriz, server)
    assert names(f"{server.url}/clients") == ["Ana", "Enquanto isso", "Na fila"]
    assert COPY not in matriz.output


@pytest.mark.usefixtures("system")
def test_a_register_in_use_is_not_replaced(programs):
    backup, register = programs.folder / "backup.db", register_of(programs)
    back_up(register, backup)

    code, said = clientela("restore", "--from", backup, "--db", url_of(register), "--force")

    assert code == 2
    assert "in use by process" in said
    assert said.count("\n") == 1


def test_a_backup_that_is_ended_leaves_nothing_behind(programs, load_clients):
    server = programs.server().start()
    load_clients(server.url, 2_000)
    out = programs.folder / "backups" / "register.db"
    command = [sys.executable, "-m", "clientela.cli", "backup", "--out", str(out)]
    command += ["--db", url_of(register_of(programs))]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while running.poll() is None and not (out.parent.exists() and list(out.parent.iterdir())):
        time.sleep(0.001)

    running.send_signal(signal.SIGTERM)

    _, said = running.communicate(timeout=30)
    left = [file.name for file in out.parent.iterdir()]
    # Ended in time, or finished before: never anything in between.
    assert (running.returncode, left) in [(2, []), (0, ["register.db"])], said


def test_a_backup_for_which_there_is_no_room_leaves_nothing_behind(programs, load_clients):
    server = programs.server().start()
    load_clients(server.url, 2_000)
    out = programs.folder / "backups" / "register.db"
    command = [sys.executable, "-m", "clientela.cli", "backup", "--out", str(out)]
    command += ["--db", url_of(register_of(programs))]

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=no_room)

    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(out.parent.iterdir()) == []
    assert httpx.get(f"{server.url}/readyz").status_code == 200
