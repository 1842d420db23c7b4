"""Server, facades, people and faults in one process with simulated time.

``CLIENTELA_LONG=1`` takes ``CLIENTELA_RUNS`` runs (10,000 unless given) instead of a few. A run
that fails tells how to take it again: ``CLIENTELA_SEED=… pytest tests/faults/test_simulation.py -k
replayed``, with the number of its steps in ``CLIENTELA_STEPS``.
"""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from simulation import bugs
from simulation.faults import KINDS
from simulation.replay import Violation
from simulation.world import Simulation

LONG = os.environ.get("CLIENTELA_LONG") == "1"
RUNS = int(os.environ.get("CLIENTELA_RUNS", "10000")) if LONG else 12
STEPS = 300
SEED = os.environ.get("CLIENTELA_SEED")
SEEDS_FOR_A_BUG = range(8)
STEPS_FOR_A_BUG = 400


@pytest.mark.timeout(0 if LONG else 120)
@settings(
    max_examples=RUNS,
    deadline=None,
    database=None,
    derandomize=not LONG,
    suppress_health_check=list(HealthCheck),
)
@given(
    seed=st.integers(0, 2**32 - 1),
    facades=st.integers(1, 3),
    kinds=st.one_of(
        st.just(KINDS), st.lists(st.sampled_from(KINDS), min_size=1, unique=True).map(tuple)
    ),
)
def test_nothing_is_lost_mixed_up_or_hidden_whatever_fails(seed, facades, kinds):
    Simulation(seed, facades=facades, kinds=kinds).run(STEPS)


@pytest.mark.skipif(SEED is None, reason="give CLIENTELA_SEED, as a failing run tells it")
def test_a_run_replayed_by_its_seed():
    told = os.environ
    kinds = told.get("CLIENTELA_KINDS", ",".join(KINDS)).split(",")
    facades = int(told.get("CLIENTELA_FACADES", "3"))

    Simulation(int(SEED or "0"), facades=facades, kinds=kinds).run(
        int(told.get("CLIENTELA_STEPS", STEPS))
    )


def test_the_same_seed_gives_the_same_run():
    first, second = (Simulation(7).run(STEPS) for _ in range(2))

    assert first.trace == second.trace
    assert first.replay.stored == second.replay.stored


def test_the_runs_meet_what_they_are_to_be_proof_against():
    runs = [Simulation(seed).run(STEPS) for seed in range(4)]
    receipts = [receipt for met in runs for receipt in met.replay.receipts.values()]
    codes = {receipt["reason"]["code"] for receipt in receipts if receipt["reason"]}
    asked = [asked for met in runs for asked in met.replay.asked.values()]
    trace = "\n".join(told for met in runs for told in met.trace)

    assert {"conflict", "depends-on", "duplicate-document", "gone", "invalid"} <= codes
    assert len([one for one in asked if one.kept_at is not None]) > 4 * STEPS / 10
    assert {kind for kind in KINDS if f" {kind} " in trace} == set(KINDS)


@pytest.mark.parametrize("bug", bugs.BUGS, ids=lambda bug: bug.__name__)
def test_a_bug_put_in_on_purpose_is_found(bug):
    with bug(), pytest.raises(Violation):  # noqa: PT012 - some seed finds it
        for seed in SEEDS_FOR_A_BUG:
            Simulation(seed).run(STEPS_FOR_A_BUG)


def test_what_was_found_is_found_again_by_its_seed():
    told = []
    for _ in range(2):
        with bugs.forget_the_overlay(), pytest.raises(Violation) as found:
            Simulation(3).run(STEPS_FOR_A_BUG)
        told.append(str(found.value))

    assert told[0] == told[1]
    assert "CLIENTELA_SEED=3 " in told[0]
