"""Failures by address: counted within a window, forgotten after it, and bounded."""

import pytest

from clientela import limits
from clientela.errors import ClientelaError
from clientela.web.attempts import Attempts


@pytest.fixture
def attempts(clock):
    return Attempts(clock)


def fail(attempts, address, times=limits.SIGN_IN_FAILURES_MAX):
    for _ in range(times):
        attempts.check(address)
        attempts.failed(address)


def is_held(attempts, address):
    try:
        attempts.check(address)
    except ClientelaError as error:
        return int(error.headers["Retry-After"])
    return 0


def test_who_fails_too_often_waits_for_the_end_of_the_window(attempts, clock):
    fail(attempts, "203.0.113.1")
    clock.now_s += limits.SIGN_IN_FAILURES_S - 10

    assert is_held(attempts, "203.0.113.1") == 11
    assert is_held(attempts, "203.0.113.2") == 0
    clock.now_s += 10
    assert is_held(attempts, "203.0.113.1") == 0


def test_a_few_failures_hold_nobody_up(attempts):
    fail(attempts, "203.0.113.1", limits.SIGN_IN_FAILURES_MAX - 1)

    assert is_held(attempts, "203.0.113.1") == 0


def test_a_network_of_ipv6_counts_as_one(attempts):
    for n in range(limits.SIGN_IN_FAILURES_MAX):
        attempts.failed(f"2001:db8::{n:x}")

    assert is_held(attempts, "2001:db8::ffff")
    assert not is_held(attempts, "2001:db8:0:1::1")


def test_beyond_the_bound_the_oldest_address_is_forgotten(attempts, monkeypatch):
    monkeypatch.setattr(limits, "SIGN_IN_ADDRESSES_MAX", 2)
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        fail(attempts, address)

    held = [bool(is_held(attempts, f"203.0.113.{n}")) for n in (1, 2, 3)]
    assert held == [False, True, True]
