"""What is sent to a service, wherever it stands in a request, is in no log and no figure."""

import time
from itertools import product

import httpx

CANARY = "Qxcanario"
PERSON = {
    "name": f"Zeferina {CANARY}",
    "email": f"{CANARY}@example.com",
    "phone": "+5511976543219",
    "document": "390.533.447-05",
    "notes": f"passarinho {CANARY}",
}
CANARIES = (b"qxcanari", b"eferina", b"976543219", b"390533447", b"390.533.447", b"passarinho")
HEADERS = dict.fromkeys(
    ("User-Agent", "Referer", "Cookie", "X-Forwarded-For", "Clientela-Actor", "X-Name"), CANARY
)
ODD = ("Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "Range", "Authorization")
BODIES = (
    {**PERSON, "document": None},
    [PERSON],
    {CANARY: CANARY},
    {**PERSON, "name": [CANARY]},
    {**PERSON, CANARY: 1},
    {**PERSON, "phone": CANARY, "document": CANARY, "email": CANARY},
    CANARY,
)


def requests_of(url):
    """Give a request for each route with each of its parameters, headers and some bodies."""
    for path, methods in httpx.get(f"{url}/openapi.json").json()["paths"].items():
        filled = path
        for part in ("client_id", "write_id", "name", "token_id"):
            filled = filled.replace(f"{{{part}}}", CANARY)
        for method, told in methods.items():
            names = [p["name"] for p in told.get("parameters", ()) if p["in"] == "query"]
            yield method, filled, {}
            for name in [*names, CANARY]:
                yield method, filled, {"params": {name: CANARY}}
            yield method, filled, {"headers": HEADERS}
            if "requestBody" in told:
                for body in BODIES:
                    yield method, filled, {"json": body}
                yield method, filled, {"content": f'{{"name": "{CANARY}"'.encode()}
                yield method, filled, {"content": CANARY.encode(), "headers": HEADERS}


def send_everything(url):
    sent = 0
    with httpx.Client(base_url=url, timeout=20) as session:
        for method, path, how in requests_of(url):
            if "text/event-stream" in how.get("headers", {}).get("Accept", ""):
                continue
            with session.stream(method, path, **how) as answer:
                next(answer.iter_raw(), b"")  # live answers have no end
            sent += 1
        for name in ODD:
            session.get("/", headers={name: CANARY})
    return sent


def write(url, path):
    """Write a person in every way, and meet every refusal that names values."""
    headers = {"Content-Type": "application/json"}
    made = httpx.post(url + path, json=PERSON, headers=headers, timeout=20)
    again = httpx.post(url + path, json=PERSON, headers=headers, timeout=20)
    one = url + made.headers["Location"]
    notes = [f"{CANARY} {number}" for number in range(2)]
    changed = [httpx.patch(one, json={"notes": note}, timeout=20).status_code for note in notes]
    client_id = made.headers["Location"].replace("=", "/").rsplit("/", 1)[1]
    conflict = {
        "write_id": made.headers["Clientela-Write"][:-2] + "ff",
        "operation": "update",
        "client_id": client_id,
        "set": {"notes": CANARY},
        "was": {"notes": f"other {CANARY}"},
    }
    batch = httpx.post(f"{url}{path}/writes", json=[conflict], timeout=20)
    httpx.get(f"{url}{path}?q={CANARY}&limit=2", timeout=20)
    return made, again, changed, batch, one


def told_by(url):
    """Give all that is told to those who watch: figures, logs, the summary of each facade."""
    paths = ["/metrics", "/logs", "/logs/summary?by=route", "/facades"]
    answers = [httpx.get(url + path, timeout=20) for path in paths]
    assert all(answer.is_success for answer in answers)
    return b"".join(answer.content for answer in answers).lower()


def test_no_log_holds_what_was_sent(programs, until):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "live", "live")

    sent = [send_everything(service.url) for service in (server, facade)]
    for service, path in ((server, "/clients"), (facade, "/client")):
        made, again, changed, batch, one = write(service.url, path)
        assert (made.status_code, again.status_code, changed) == (201, 409, [200, 200])
        assert batch.json()[0]["outcome"] == "refused"
        if service is facade:  # and what waits, with the server away
            server.kill()
            assert httpx.patch(one, json={"name": f"{CANARY} longe"}, timeout=20).status_code == 202
            server.start()
            until(lambda: not httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"], "sent")
        assert httpx.delete(one, timeout=20).status_code == 204
    time.sleep(0.5)  # the log is written a few times a second
    told = {program.url: told_by(program.url) for program in (server, facade)}
    for program in (facade, server):
        program.stop()

    assert min(sent) > 100
    logs = [*programs.folder.rglob("logs.db*"), *programs.folder.glob("*.log")]
    held = {str(path): path.read_bytes().lower() for path in logs} | told
    assert len(held) >= 6
    found = [(name, canary) for name, canary in product(held, CANARIES) if canary in held[name]]
    assert found == []
