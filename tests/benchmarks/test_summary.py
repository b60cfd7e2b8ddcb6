"""Medians, ratios and targets, from given samples."""

from pathlib import Path

import pytest

from benchmarks.page import BEGIN, END, growth, into_measurements, write
from benchmarks.results import Key, Results, measures
from benchmarks.samples import Sample, Sender, percentile
from benchmarks.servers.names import IN_MEMORY, POSTGRESQL, SCIM2_SERVER, SCIMMY, SQLITE
from benchmarks.targets import TARGETS, Measured, Target, Verdict, judge
from benchmarks.workloads import WORKLOADS

PEOPLE = 10_000
CREATE = Measured("create", PEOPLE)
AGAINST_PEERS = Target("create", CREATE, Measured("create", PEOPLE, servers=IN_MEMORY), {SQLITE: 1.2})


def found(**rates: list[float]) -> Results:
    """Results of creates by server, round by round."""
    results = Results()
    for server, measured in rates.items():
        for rate in measured:
            results.add(Key("create", PEOPLE, server.replace("_", "-")), {"rate": rate, "p50": 1000 / rate})
    return results


def only(results: Results, target: Target) -> Verdict:
    (verdict,) = judge(results, [target])
    return verdict


def test_a_target_without_a_size_is_judged_at_the_largest_size_of_the_run() -> None:
    results = Results()
    for people, p99 in ((10_000, 20.0), (1_000_000, 90.0)):
        results.add(Key("steady", people, SQLITE), {"rate": 250.0, "read p99": p99})

    verdict = only(results, Target("steady", Measured("steady", None, "read p99"), None, {SQLITE: 100.0}))

    assert (verdict.ours, verdict.met) == (90.0, True)


def test_results_keep_how_busy_and_how_late_the_client_was() -> None:
    sample = Sample(1.0, {"read": [1000]}, sender=Sender(23.4567, [100, 2500]))

    kept = measures(WORKLOADS["steady"], sample)

    assert (kept["client CPU"], kept["sent late p99"]) == (23.457, 2.5)


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (75, 3), (76, 4), (99, 4), (100, 4)])
def test_a_percentile_is_the_smallest_time_that_this_share_does_not_exceed(
    percent: float, expected: int
) -> None:
    assert percentile([4, 1, 3, 2], percent) == expected


def test_one_round_keeps_the_rate_and_the_times_of_each_kind() -> None:
    sample = Sample(2.0, {"add": [1000, 3000, 2000], "remove": [500]})

    kept = measures(WORKLOADS["member-100"], sample)

    assert kept == {
        "rate": 2.0,
        "p50": 1.0,
        "p99": 3.0,
        "add p50": 2.0,
        "add p99": 3.0,
        "remove p50": 0.5,
        "remove p99": 0.5,
    }


def test_each_operation_of_a_bulk_request_counts() -> None:
    assert Sample(4.0, {"all": [2_000_000, 2_000_000]}, each=1_000).rate == 500


def test_a_value_is_the_median_of_the_rounds_not_their_mean() -> None:
    assert found(sqlite=[100, 1, 90]).value("create", PEOPLE, SQLITE, "rate") == 90


def test_the_server_is_compared_with_the_fastest_peer() -> None:
    verdict = only(found(sqlite=[600], scimmy=[500], scim2_server=[400]), AGAINST_PEERS)

    assert (verdict.ours, verdict.other, verdict.ratio, verdict.met) == (600, 500, 1.2, True)


def test_a_rate_below_the_factor_misses_the_target() -> None:
    assert only(found(sqlite=[599], scimmy=[500]), AGAINST_PEERS).met is False


def test_a_target_without_measurements_is_neither_met_nor_missed() -> None:
    assert only(found(sqlite=[600]), AGAINST_PEERS).met is None


def test_a_time_is_compared_with_the_shortest_time_of_the_peers() -> None:
    target = Target(
        "create", Measured("create", PEOPLE, "p50"), Measured("create", PEOPLE, "p50", IN_MEMORY), {SQLITE: 2}
    )

    met = only(found(sqlite=[250], scimmy=[500], scim2_server=[400]), target)
    missed = only(found(sqlite=[249], scimmy=[500], scim2_server=[400]), target)

    assert (met.other, met.ratio, met.met) == (2.0, 2.0, True)
    assert missed.met is False


def test_a_limit_without_another_server_is_compared_as_an_absolute_time() -> None:
    target = Target("create", Measured("create", PEOPLE, "p50"), None, {SQLITE: 4})

    assert only(found(sqlite=[250]), target).met is True
    assert only(found(sqlite=[249]), target).met is False


def test_every_target_names_existing_workloads() -> None:
    named = {one.workload for target in TARGETS for one in (target.ours, target.other) if one is not None}

    assert named - {"memory-loaded"} <= set(WORKLOADS)


def test_results_are_read_as_written_and_the_page_shows_the_verdicts(tmp_path: Path) -> None:
    results = found(sqlite=[600, 700], postgresql=[300], scimmy=[500], scim2_server=[400])
    results.about = {"date": "2026-11-29"}

    page = write(results, tmp_path).read_text()

    again = Results.load(tmp_path / "results.json")
    assert (again.about, again.rounds) == (results.about, results.rounds)
    first = "create, 16 clients, 10k people, against the fastest peer in memory"
    assert f"| {first} | {SQLITE} | 650 | 500 | 1.30 | at least 1.2 | met |" in page
    assert f"| {first} | {POSTGRESQL} | 300 | 500 | 0.60 | at least 1.2 | **missed** |" in page
    assert (tmp_path / "rates-10k.svg").read_text().count("<rect") == 1 + 5 + 4
    assert {SCIMMY, SCIM2_SERVER} <= set(page.split("## 10,000 people")[1].replace("|", " ").split())


def test_a_full_run_replaces_its_part_of_the_measurements_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "measurements.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    results = found(sqlite=[600], scimmy=[500])
    results.about = {"date": "2026-11-29", "cpu": "Some CPU", "cores": "2"}

    into_measurements(results, file)

    text = file.read_text()
    assert text.startswith(f"before\n{BEGIN}\n`make bench`, 2026-11-29, Some CPU, 2 cores:\n")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old" not in text
    assert "| 600 | 500 | 1.20 |" in text


def test_growth_shows_the_measurements_at_several_sizes() -> None:
    results = Results()
    for people, time in ((1_000, 1.0), (1_000_000, 2.5)):
        results.add(Key("get", people, SQLITE), {"rate": 1.0, "p50": time})
        results.add(Key("member-100", people, SQLITE), {"rate": 1.0, "p50": 9.0, "add p50": time})

    lines = growth(results, [1_000, 1_000_000])

    assert "| GET a person, 16 clients | sqlite | 1.00 | 2.50 |" in lines
    assert sum("| 1.00 | 2.50 |" in line for line in lines) == 2
