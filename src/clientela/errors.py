"""The errors that Clientela tells its users, each by a short code that never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, and how to put it right.

    ``code`` is for programs that translate; ``detail`` is for people.
    """

    field: str
    code: str
    detail: str


class ClientelaError(Exception):
    """An error with a code; ``clientela.web.problems`` gives each code its HTTP status.

    ``members`` are further members of the problem+json object (RFC 9457, section 3.2).
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    def told(self, headers: Mapping[str, str]) -> "ClientelaError":
        """Give the same error with further headers: one error may be told to many callers."""
        return ClientelaError(
            self.code,
            self.detail,
            errors=self.errors,
            members=self.members,
            headers={**headers, **self.headers},
        )


def bad_parameter(name: str, code: str, detail: str) -> ClientelaError:
    """Make the error (400) for one query parameter."""
    return ClientelaError("bad-parameter", detail, errors=[FieldError(name, code, detail)])


class StartupError(Exception):
    """A reason why a program can't start: one clear line for the command line."""
