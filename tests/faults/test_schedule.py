"""The same seed gives the same faults, all of them within the run."""

from itertools import pairwise

from clientela.cli.torture.schedule import BY_NAME, KINDS, draw

ALL = tuple(BY_NAME)


def test_a_seed_always_gives_the_same_schedule():
    first = draw(7, seconds=60, facades=5, kinds=ALL)

    assert first == draw(7, seconds=60, facades=5, kinds=ALL)
    assert first != draw(8, seconds=60, facades=5, kinds=ALL)


def test_every_fault_ends_within_the_run_and_none_strikes_a_part_that_is_struck():
    for seed in range(50):
        faults = draw(seed, seconds=40, facades=3, kinds=ALL)
        parts: dict[object, list[tuple[float, float]]] = {}
        for fault in faults:
            part = (BY_NAME[fault.kind].part, fault.facade)
            parts.setdefault(part, []).append((fault.at_s, fault.at_s + fault.lasts_s))

        assert all(end <= 40 for spans in parts.values() for _, end in spans)
        assert all(a[1] <= b[0] for spans in parts.values() for a, b in pairwise(sorted(spans)))


def test_a_backup_is_made_once_and_within_the_run():
    for seed in range(50):
        (fault,) = draw(seed, seconds=40, facades=3, kinds=["restore-server"])

        assert fault.kind == "restore-server"
        assert 0 < fault.at_s < 40


def test_what_is_impossible_here_takes_no_other_kind_from_a_seed():
    def brought(seed: int, *impossible: str) -> set[str]:
        faults = draw(seed, seconds=900, facades=3, kinds=ALL, impossible=impossible)
        return {fault.kind for fault in faults}

    for seed in range(20):
        assert brought(seed, "clock-server", "cut") == brought(seed) - {"clock-server", "cut"}


def test_some_seeds_bring_every_kind():
    brought = {
        fault.kind for seed in range(30) for fault in draw(seed, seconds=60, facades=5, kinds=ALL)
    }

    assert brought == {kind.name for kind in KINDS}
