"""Who may do what: the roles, and the one table of routes by role.

Who asks stands in ``scope[PRINCIPAL]``: put there before any route is looked for, and None where a
service runs open on loopback, or where nobody has said who asks.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

PRINCIPAL = "clientela.principal"


class Role(StrEnum):
    """What a token is for."""

    READER = "reader"
    COUNTER = "counter"
    OPERATOR = "operator"
    FACADE = "facade"
    ADMIN = "admin"


class Principal(NamedTuple):
    """Who asks: a token, by its id and the name that people gave it."""

    token_id: str
    name: str
    role: Role


Roles = frozenset[Role]

EVERYONE: Roles = frozenset(Role)
"""Everyone who shows a living token."""
_READ: Roles = frozenset({Role.READER, Role.COUNTER, Role.OPERATOR, Role.ADMIN})
_WRITE: Roles = frozenset({Role.COUNTER, Role.ADMIN})
_WATCH: Roles = frozenset({Role.OPERATOR, Role.ADMIN})
_REPAIR: Roles = frozenset({Role.COUNTER, Role.OPERATOR, Role.ADMIN})
_FACADE: Roles = frozenset({Role.FACADE})
_ADMIN: Roles = frozenset({Role.ADMIN})

OPEN = frozenset(
    {
        *("GET /livez", "GET /readyz", "GET /docs", "GET /authz", "GET /{path:path}"),
        *("GET /session", "POST /session", "DELETE /session"),
    }
)
"""Routes that ask for no token: health, documentation, the pages and signing in.

``/authz`` judges by itself.

The pages are files that everyone can have; what they show comes from routes that are in the table.
"""

RULES: Mapping[str, Roles] = {
    # The register, at the server ...
    "GET /clients": _READ | _FACADE,
    "POST /clients": _WRITE,
    "POST /clients/writes": _WRITE | _FACADE,
    "GET /clients/writes/{write_id}": _READ | _FACADE,
    "GET /clients/changes": _READ | _FACADE,
    "GET /clients/digests": _WATCH | _FACADE,
    "GET /clients/digests/rows": _WATCH | _FACADE,
    "GET /clients/{client_id}": _READ | _FACADE,
    "PATCH /clients/{client_id}": _WRITE,
    "DELETE /clients/{client_id}": _WRITE,
    "GET /clients/{client_id}/history": _READ,
    # Personal data: who may see all of a person's, erase it, or read who did what.
    "GET /clients/{client_id}/export": _ADMIN,
    "POST /clients/{client_id}/erasure": _ADMIN,
    "GET /audit": _ADMIN,
    "GET /clients/erasures": _ADMIN | _FACADE,
    # ... and at a facade.
    "GET /client": _READ,
    "POST /client": _WRITE,
    "PATCH /client": _WRITE,
    "DELETE /client": _WRITE,
    "GET /client/history": _READ,
    "POST /client/writes": _WRITE,
    "GET /client/writes/{write_id}": _READ,
    "PUT /client/writes/{write_id}": _WRITE,
    "DELETE /client/writes/{write_id}": _REPAIR,
    "POST /client/writes/{write_id}/retry": _REPAIR,
    "GET /client/changes": _READ,
    "GET /client/erasures": _READ,
    # How far a facade is in step stands over every list of clients.
    "GET /sync": _READ,
    "GET /sync/changes": _READ,
    "GET /sync/lost": _REPAIR,
    "POST /sync/lost/{write_id}/offer": _REPAIR,
    "DELETE /sync/lost/{write_id}": _REPAIR,
    # Facades report of themselves alone, and pass on what their operators ask for.
    "GET /facades": _WATCH | _FACADE,
    "PUT /facades/{name}": _FACADE,
    "DELETE /facades/{name}": _WATCH,
    "GET /metrics": _WATCH,
    "GET /logs": _WATCH | _FACADE,
    "GET /logs/tail": _WATCH,
    "GET /logs/summary": _WATCH,
    "GET /logs/heatmap": _WATCH,
    "GET /logs/compare": _WATCH,
    "GET /tokens": _ADMIN,
    "POST /tokens": _ADMIN,
    "DELETE /tokens/{token_id}": _ADMIN,
    "GET /tokens/hashes": _FACADE,
}
"""Who may use a route, by its method and template."""


def roles_for(method: str, template: str) -> Roles | None:
    """Give the roles that may use a route: None where it is open, none at all without a rule."""
    route = f"{'GET' if method == 'HEAD' else method} {template}"
    return None if route in OPEN else RULES.get(route, frozenset())
