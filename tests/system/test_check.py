"""``clientela check`` with real processes: sound while they run and write, told when not."""

import sqlite3
import threading

import httpx


def test_running_programs_are_sound_while_they_write(programs, run, load_clients, assert_in_step):
    server = programs.server().start()
    load_clients(server.url, 1_000)
    facade = programs.facade(server.url).start()
    stop = threading.Event()

    def write():
        with httpx.Client() as session:
            while not stop.is_set():
                assert session.post(f"{server.url}/clients", json={"name": "Ana"}).status_code

    writer = threading.Thread(target=write)
    writer.start()
    try:
        register = f"sqlite:///{programs.folder / 'server' / 'register.db'}"
        of_server = run(["check", "--db", register])
        of_facade = run(["check", "--data", str(programs.folder / "matriz")])
    finally:
        stop.set()
        writer.join()
    assert_in_step(facade, server)

    assert (of_server.returncode, of_server.stderr) == (0, "")
    assert of_server.stdout.endswith("register.db: sound.\n")
    assert (of_facade.returncode, of_facade.stdout.count(": sound.\n")) == (0, 2)


def test_what_is_wrong_is_told_line_by_line_with_exit_code_1(programs, run):
    programs.server().start().stop()
    path = programs.folder / "server" / "register.db"
    with sqlite3.connect(path) as file:
        file.execute("UPDATE register SET clients = 7")
    file.close()

    told = run(["check", "--db", f"sqlite:///{path}"])
    missing = run(["check", "--data", str(programs.folder / "nowhere")])

    assert told.returncode == 1
    assert told.stdout == f"{path}: it has 0 clients, and should have 7.\n"
    assert missing.returncode == 2
    assert "is not there" in missing.stderr
