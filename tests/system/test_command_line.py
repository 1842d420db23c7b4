"""The command line of the running system: environment, folders, the demo."""

import httpx


def test_every_option_can_be_an_environment_variable(programs, free_ports_of, tmp_path):
    port = free_ports_of(1)
    server = programs.program("environment", ["server"], port)
    server.environment = {
        "CLIENTELA_SERVER_PORT": str(port),
        "CLIENTELA_SERVER_DB": f"sqlite:///{tmp_path}/register.db",
        "CLIENTELA_SERVER_ALLOWED_HOST": "clientes.example clientes2.example",
    }

    server.start()

    for host, status in (("clientes.example", 200), ("clientes2.example", 200), ("other", 421)):
        answer = httpx.get(f"{server.url}/clients", headers={"Host": host})
        assert answer.status_code == status
    assert (tmp_path / "register.db").exists()


def test_relative_folders_are_those_of_where_the_command_was_started(run, tmp_path, free_ports_of):
    (tmp_path / "data").write_text("in the way")

    ended = run(["up", "--data", "data", "--port", str(free_ports_of(4))], cwd=tmp_path)

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert str(tmp_path / "data") in line


def test_demo_fills_a_facade_and_tells_of_it_and_again_adds_nothing(run, programs):
    server = programs.server().start()
    facade = programs.facade(server.url).start()

    first = run(["demo", "--url", facade.url, "--clients", "200"])
    again = run(["demo", "--url", facade.url, "--clients", "200"])

    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    assert "200 clients added, 0 were there already" in first.stdout
    assert "0 clients added, 200 were there already" in again.stdout
    assert len(httpx.get(f"{server.url}/clients").json()) == 200
    assert httpx.get(f"{facade.url}/logs/summary").json()["count"] > 400
