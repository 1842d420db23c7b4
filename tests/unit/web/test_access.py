"""Which role may use which route."""

import json
from pathlib import Path

import pytest

from clientela.web.access import OPEN, RULES, Role, roles_for

OPENAPI = sorted((Path(__file__).parents[3] / "docs/openapi").glob("*.json"))


@pytest.mark.parametrize("file", OPENAPI, ids=lambda file: file.stem)
def test_every_documented_route_has_a_rule(file):
    routes = {
        f"{method.upper()} {path}"
        for path, operations in json.loads(file.read_text())["paths"].items()
        for method in operations
    }

    assert routes <= OPEN | set(RULES)


@pytest.mark.parametrize(
    ("role", "allowed", "forbidden"),
    [
        (Role.READER, "GET /client", "POST /client"),
        (Role.READER, "GET /sync", "GET /logs"),
        (Role.COUNTER, "PATCH /client", "GET /metrics"),
        (Role.OPERATOR, "GET /logs/tail", "POST /client/writes"),
        (Role.OPERATOR, "GET /clients", "GET /tokens"),
        (Role.FACADE, "POST /clients/writes", "POST /clients"),
        (Role.FACADE, "GET /tokens/hashes", "POST /tokens"),
        (Role.ADMIN, "DELETE /tokens/{token_id}", "GET /tokens/hashes"),
    ],
)
def test_a_role_may_do_what_it_is_for_and_no_more(role, allowed, forbidden):
    assert role in RULES[allowed]
    assert role not in RULES[forbidden]


def test_a_head_needs_what_its_get_needs():
    assert roles_for("HEAD", "/clients") == roles_for("GET", "/clients")


def test_health_asks_for_no_token():
    assert roles_for("GET", "/livez") is None


def test_a_route_without_a_rule_is_for_nobody():
    assert roles_for("GET", "/new") == frozenset()
