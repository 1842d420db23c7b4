"""Connections secured by TLS: real processes, certificates of an authority made for the test."""

import json
import socket
import ssl

import httpx
import pytest
import trustme


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    """Write the certificate of 127.0.0.1, its key, and the authority that issued it."""
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("127.0.0.1", "localhost")
    certificate, key, ca = folder / "cert.pem", folder / "key.pem", folder / "ca.pem"
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(certificate, append=number > 0)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca)
    return certificate, key, ca


def client(program, files):
    context = ssl.create_default_context(cafile=files[2])
    return httpx.Client(base_url=program.url, verify=context, timeout=10)


@pytest.fixture
def secured(files, until):
    """Start a program so that it serves TLS, and give it once it is ready."""

    def start(program):
        program.arguments += ["--tls-certificate", str(files[0]), "--tls-key", str(files[1])]
        program.url = program.url.replace("http://", "https://")
        program.start(wait_for=None)
        with client(program, files) as http:
            until(lambda: http.get("/readyz").status_code == 200, "ready over TLS")
        return program

    return start


def test_a_facade_is_kept_in_step_over_a_line_that_it_verifies(programs, secured, files):
    server = secured(programs.server())
    facade = secured(programs.facade(server.url, "matriz", "--server-ca", str(files[2])))
    with client(server, files) as register, client(facade, files) as branch:
        made = branch.post("/client", json={"name": "Ana Souza"})
        read = branch.get(made.headers["location"])
        again = branch.get(made.headers["location"])  # by the fast path: its head is known

        assert (made.status_code, read.json()["name"], again.content) == (
            201,
            "Ana Souza",
            read.content,
        )
        assert [one["name"] for one in register.get("/clients").json()] == ["Ana Souza"]


def test_a_facade_refuses_a_server_that_it_cannot_verify(programs, secured, until):
    server = secured(programs.server())
    facade = programs.facade(server.url).start(wait_for="/livez")

    def told():
        return httpx.get(f"{facade.url}/sync").json()["last_error"] or ""

    until(lambda: "certificate" in told().lower(), "an error that names the certificate")
    assert httpx.get(f"{facade.url}/readyz").status_code == 503


def test_live_changes_come_over_tls(programs, secured, files):
    server = secured(programs.server())
    address = "/clients/changes?offset=now&live=sse"
    with client(server, files) as http, http.stream("GET", address) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: control"
        with client(server, files) as other:
            other.post("/clients", json={"name": "Bia"})
        data = next(line for line in lines if line.startswith("data:") and "Bia" in line)

    assert json.loads(data[5:])[0]["value"]["name"] == "Bia"


def test_plain_http_is_not_answered_where_tls_was_asked_for(programs, secured):
    server = secured(programs.server())
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = line.recv(100)

    assert b"HTTP" not in answer


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--tls-key", "key.pem"], "both --tls-certificate and --tls-key"),
        (["--tls-certificate", "none.pem", "--tls-key", "none.pem"], "is not possible"),
        (["--trusted-proxy", "*"], "names no proxy"),
        (["--trusted-proxy", "10.0.0.5/24"], "names no proxy"),
    ],
)
def test_a_transport_that_is_not_possible_is_told_in_a_line(programs, given, told):
    program = programs.server("server", *given).start(wait_for=None)

    assert program.process.wait(20) == 2
    assert told in " ".join(program.output.split())
    assert "Traceback" not in program.output
