"""Statistics, results, and the section that is written from them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from measure.inserts import differences, grouped
from report import tables
from report.results import Results
from report.statistics import percentile, ratio
from report.targets import TARGETS, Target

ABOUT = {
    "date": "2026-11-24 15:00 UTC", "commit": "abc1234", "machine": "a processor", "cores": 2,
    "memory_gb": 24, "kernel": "6.1", "load_before": 0.1, "load_after": 1.2,
    "form": "Short form", "clients": 10, "rounds": 3, "seconds": 1, "versions": {"Python": "3.11"},
}  # fmt: skip


def measured() -> Results:
    results = Results(about=ABOUT, titles={"clientela": "Clientela", "fastify": "Fastify"})
    for ours, theirs in ((90, 30), (50, 10), (8, 4)):
        results.add("point_read_hot", "clientela", ours)
        results.add("point_read_hot", "fastify", theirs)
    return results


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1), (1, 1), (50, 50), (99, 99), (99.1, 100), (100, 100)]
)
def test_a_percentile_is_a_value_that_was_measured(percent, value):
    assert percentile(range(100, 0, -1), percent) == value


def test_a_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_medians():
    assert ratio([90, 50, 8], [30, 10, 4]) == 3


def test_a_target_tells_what_was_reached_and_whether_that_is_enough():
    target = TARGETS[0]

    assert target.wanted == "≥ 3×"
    assert target.reached(measured()) == 3
    assert target.is_met(3)
    assert not target.is_met(2.9)


def test_a_target_that_was_not_measured_is_not_met_and_not_missed():
    assert [target.reached(Results()) for target in TARGETS] == [None] * len(TARGETS)


def test_values_are_told_with_the_digits_that_mean_something():
    target = Target("p99", 1, "most", "ms", lambda _results: None)

    assert [target.told(value) for value in (0.347, 12.34, 1_234.5, 2.0)] == [
        "0.35 ms", "12.3 ms", "1234 ms", "2 ms",
    ]  # fmt: skip


def test_the_section_is_written_between_its_marks_and_the_rest_stays(tmp_path):
    document = tmp_path / "benchmarks.md"
    document.write_text(f"# Ours\n\n{tables.BEGIN}\nold\n{tables.END}\n\nThe rest.\n")

    tables.write(measured(), ["benchmark-reads.svg"], document)

    text = document.read_text()
    assert text.startswith(f"# Ours\n\n{tables.BEGIN}\n\nMeasured on 2026-11-24")
    assert text.endswith(f"0 doubled.\n\n{tables.END}\n\nThe rest.\n")
    assert "| Clientela | 50.0 | – | – | – | – |" in text
    assert "| point read, hot, of Fastify's | ≥ 3× | 3× | yes |" in text
    assert "old" not in text
    tables.write(measured(), ["benchmark-reads.svg"], document)
    assert document.read_text() == text


def test_a_document_without_the_marks_is_left_alone(tmp_path):
    document = tmp_path / "benchmarks.md"
    document.write_text("# Ours\n")

    with pytest.raises(ValueError, match="lacks the marks"):
        tables.write(measured(), [], document)

    assert document.read_text() == "# Ours\n"


def test_what_was_wrong_and_who_was_skipped_is_told():
    results = measured()
    results.check("point_read_hot", "clientela", requests=10, failed=0, looked_at=5, wrong=0)
    results.check("point_read_hot", "fastify", requests=10, failed=2, looked_at=5, wrong=1)
    results.skipped["kinto"] = "it is not installed"

    text = tables.section(results, [])

    assert (
        "20 requests, 2 failed. 10 answers and rows were compared with the truth: 1 wrong" in text
    )
    assert "- point_read_hot, fastify: 10 requests, 2 failed, 5 looked at, 1 wrong" in text
    assert "- skipped: kinto: it is not installed" in text
    assert list(results.wrong) == ["point_read_hot, fastify"]


def test_results_are_the_same_after_they_were_stored(tmp_path):
    measured().save(tmp_path / "results.json")

    assert Results.load(tmp_path / "results.json") == measured()


def test_rows_that_are_missing_and_rows_that_are_doubled_are_told_apart():
    expected, found = Counter(["a", "b", "c"]), Counter(["a", "b", "b", "d"])

    assert differences(expected, found) == (1, 2)


def test_groups_are_all_of_one_size():
    assert grouped([{"id": number} for number in range(7)], 3) == [
        [{"id": 0}, {"id": 1}, {"id": 2}],
        [{"id": 3}, {"id": 4}, {"id": 5}],
    ]


def test_the_document_says_what_the_stored_results_say():
    docs = Path(__file__).parents[3] / "docs"
    text = (docs / "benchmarks.md").read_text()
    plots = re.findall(r"\]\(images/(benchmark-\w+\.svg)\)", text)

    written = tables.section(Results.load(docs / "benchmarks.json"), plots)

    assert f"{tables.BEGIN}\n\n{written}\n\n{tables.END}" in text
    assert all((docs / "images" / plot).exists() for plot in plots)
