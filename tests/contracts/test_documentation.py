"""Health and documentation, on all three services."""

import re
import socket

import pytest

UNKNOWN = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
JSON = {"Content-Type": "application/json"}
HEALTH = {("get", "/livez"), ("get", "/readyz")}
LOGS = {
    ("get", "/logs"), ("get", "/logs/summary"), ("get", "/logs/heatmap"), ("get", "/logs/compare"),
}  # fmt: skip
ROUTES = {
    "server": HEALTH | {
        ("get", "/clients"), ("post", "/clients"), ("get", "/clients/changes"),
        ("get", "/clients/{client_id}"), ("patch", "/clients/{client_id}"),
        ("delete", "/clients/{client_id}"), ("get", "/clients/{client_id}/history"),
        ("post", "/clients/writes"), ("get", "/clients/writes/{write_id}"),
    },
    "facade": HEALTH | LOGS | {
        ("get", "/client"), ("post", "/client"), ("patch", "/client"), ("delete", "/client"),
        ("get", "/client/changes"), ("get", "/client/history"), ("post", "/client/writes"),
        ("get", "/client/writes/{write_id}"), ("get", "/sync"),
    },
    "logs": HEALTH | LOGS,
}  # fmt: skip


@pytest.fixture(scope="module")
def services(pair, shared_programs):
    """Both services and a log facade of its own over the facade's log."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    database = f"sqlite:///{shared_programs.folder / 'matriz' / 'logs.db'}"
    logs = shared_programs.program("logs", ["logs", "--db", database, "--port", str(port)], port)
    with type(pair["server"])("logs", logs.start().url) as log_service:
        yield {**pair, "logs": log_service}


@pytest.fixture(params=["server", "facade", "logs"])
def any_service(request, services):
    return services[request.param]


@pytest.fixture
def document(any_service):
    return any_service.get("/openapi.json").json()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(part):
    """Find every ``$ref`` in a document."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


@pytest.mark.parametrize(("path", "body"), [("/livez", "alive"), ("/readyz", "ready")])
def test_health_is_told_as_json(any_service, path, body):
    answer = any_service.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": body})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/docs", "/openapi.json"])
def test_health_and_documentation_answer_head(any_service, path):
    answer = any_service.head(path)

    assert (answer.status_code, answer.content) == (200, b"")


def test_the_documentation_page_needs_nothing_from_elsewhere(any_service):
    page = any_service.get("/docs")

    text = page.text + any_service.get("/docs/assets/start.js").text
    urls = re.findall(r"""(?:src|href|url)\s*[=:(]\s*["']?([^"'\s)>]+)""", text)
    assert page.headers["content-type"].startswith("text/html")
    assert not re.findall(r"(?:https?:)?//\w", text)
    assert "/openapi.json" in urls
    assert len(urls) >= 4
    assert [any_service.get(url).status_code for url in urls] == [200] * len(urls)


def test_the_document_is_openapi_3_1(document):
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"].startswith("Clientela")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", document["info"]["version"])
    assert all(path.startswith("/") for path in document["paths"])


def test_every_reference_resolves(document):
    found = set(references(document))

    missing = [one for one in found if one.rpartition("/")[2] not in
               document["components"]["schemas"]]  # fmt: skip
    assert all(one.startswith("#/components/schemas/") for one in found)
    assert found
    assert missing == []


def test_every_shape_in_the_document_is_referred_to(document):
    unused = [name for name in document["components"]["schemas"]
              if f"#/components/schemas/{name}" not in set(references(document))]  # fmt: skip

    assert unused == []


def test_every_operation_has_a_name_a_summary_and_described_responses(document):
    ids = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert all(re.fullmatch(r"[1-5]\d\d", status) for status in operation["responses"]), where
        assert any(status.startswith("2") for status in operation["responses"]), where
        for response in operation["responses"].values():
            assert response["description"], where
            assert all("schema" in media for media in response.get("content", {}).values()), where


def test_every_parameter_is_declared_as_openapi_asks(document):
    for path, method, operation in operations(document):
        parameters = operation.get("parameters", [])
        places = [(one["in"], one["name"]) for one in parameters]
        in_path = {name for place, name in places if place == "path"}

        assert in_path == set(re.findall(r"{(\w+)}", path)), (method, path)
        assert len(places) == len(set(places)), (method, path)
        assert {place for place, _ in places} <= {"query", "path", "header"}
        assert all("schema" in one for one in parameters)
        assert all(one["required"] for one in parameters if one["in"] == "path")


def test_errors_are_documented_as_problems(document):
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                content = response["content"]
                expected = {"$ref": "#/components/schemas/Problem"}

                assert list(content) == ["application/problem+json"], (method, path, status)
                assert content["application/problem+json"]["schema"] == expected


def test_every_route_is_documented(any_service, document):
    documented = {(method, path) for path, method, _ in operations(document)}

    assert ROUTES[any_service.name] <= documented


def requests(service):
    """A request for each status that a route answers with, and the route."""
    clients, writes = service.clients, service.writes
    here = service.one(service.insert())
    deleted = service.one(service.insert())
    service.delete(deleted)
    held = service.read(here.replace("/clients/", "").replace("/client?id=", ""))["version"]
    one = "/clients/{client_id}" if service.name == "server" else "/client"
    past = "/clients/{client_id}/history" if service.name == "server" else "/client/history"
    receipt = f"{writes}/{{write_id}}"
    key = {"Idempotency-Key": "x"}
    old = {"If-Match": '"0000000001_00000000000000000000"'}
    text = {"Content-Type": "text/plain"}
    new = {"name": "Ana"}
    return [
        (clients, "GET", clients, {}),
        (clients, "GET", f"{clients}?limit=0", {}),
        (clients, "POST", clients, {"json": new}),
        (clients, "POST", clients, {"content": b"{", "headers": JSON}),
        (clients, "POST", clients, {"json": new, "headers": key}),
        (clients, "POST", clients, {"json": {}}),
        (clients, "POST", clients, {"content": b"{}", "headers": text}),
        (clients, "POST", clients, {"json": {"name": "a" * 2_000_000}}),
        (one, "GET", here, {}),
        (one, "GET", here, {"headers": {"If-None-Match": f'"{held}"'}}),
        (one, "GET", service.one("x"), {}),
        (one, "GET", service.one(UNKNOWN), {}),
        (one, "GET", deleted, {}),
        (one, "PATCH", here, {"json": {"name": "Bia"}}),
        (one, "PATCH", here, {"json": {}, "headers": {"Prefer": "return=minimal"}}),
        (one, "PATCH", here, {"json": {}, "headers": key}),
        (one, "PATCH", here, {"json": {}, "headers": old}),
        (one, "PATCH", here, {"json": {"name": None}}),
        (one, "PATCH", here, {"content": b"{}", "headers": text}),
        (one, "PATCH", here, {"json": {"name": "a" * 2_000_000}}),
        (one, "PATCH", deleted, {"json": {}}),
        (one, "PATCH", service.one(UNKNOWN), {"json": {}}),
        (one, "DELETE", deleted, {}),
        (one, "DELETE", here, {"headers": old}),
        (one, "DELETE", here, {"headers": key}),
        (one, "DELETE", service.one(UNKNOWN), {}),
        (past, "GET", service.history(UNKNOWN), {}),
        (past, "GET", service.history("x"), {}),
        (writes, "POST", writes, {"json": []}),
        (writes, "POST", writes, {"json": {}}),
        (writes, "POST", writes, {"content": b"[]", "headers": text}),
        (writes, "POST", writes, {"json": [0] * 1_001}),
        (receipt, "GET", f"{writes}/{UNKNOWN}", {}),
        (receipt, "GET", f"{writes}/x", {}),
        (service.changes, "GET", service.changes, {}),
        (service.changes, "GET", f"{service.changes}?offset=", {}),
        (service.changes, "GET", f"{service.changes}?offset=0000000009_{'0' * 20}", {}),
    ]


def test_every_status_that_is_answered_is_documented(service):
    paths = service.get("/openapi.json").json()["paths"]

    answered = [
        (method, route, service.request(method, path, **options))
        for route, method, path, options in requests(service)
    ]

    undocumented = {
        (method, route, answer.status_code)
        for method, route, answer in answered
        if str(answer.status_code) not in paths[route][method.lower()]["responses"]
    }
    assert undocumented == set()


def test_every_media_type_that_is_answered_is_documented(service):
    paths = service.get("/openapi.json").json()["paths"]

    answered = [
        (method, route, service.request(method, path, **options))
        for route, method, path, options in requests(service)
    ]

    for method, route, answer in answered:
        if answer.content:
            responses = paths[route][method.lower()]["responses"]
            documented = responses[str(answer.status_code)]["content"]
            assert answer.headers["content-type"].partition(";")[0] in documented, (method, route)


def test_a_new_client_that_is_answered_is_documented(service):
    paths = service.get("/openapi.json").json()["paths"]

    documented = paths[service.clients]["post"]["responses"]["201"]

    assert documented["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Client"
    }


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/client", {"503", "504"}),
        ("get", "/client/history", {"503", "504"}),
        ("post", "/client", {"202", "503"}),
        ("patch", "/client", {"202", "503"}),
        ("delete", "/client", {"202", "503"}),
    ],
)
def test_what_a_facade_answers_without_its_server_is_documented(facade, method, path, statuses):
    documented = facade.get("/openapi.json").json()["paths"][path][method]["responses"]

    assert statuses <= set(documented)
