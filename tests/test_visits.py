"""Visits by name and order, sites and arms; the simulated trial (section 2.7.3 beyond two visits)."""

import numpy as np
import pandas as pd
import pytest

from absurd import absurd_cells
from refusals import refused
from vhi.io.tables import read_table, write_table
from vhi.simulation.trial import SESSIONS, trial_tables
from vhi.statistics.change import change_tables
from vhi.statistics.drift import reader_drift
from vhi.statistics.mixed import mixed_model
from vhi.statistics.visits import change_by_visit, groups_of

CONFIG = "title: T\nsimulated: true\nsessions: [week0, week4, week12, week24, week52]\nreaders: [R1, R2]\n"


def write_trial(folder, number, extra="", **changes):
    """A trial of so many simulated subjects in a folder; `changes` gives a function for a table, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in trial_tables(number, 5).items():
        write_table(folder / f"{name}.tsv", changes.get(name, lambda same: same)(table))
    (folder / "config.yaml").write_text(CONFIG + extra)
    return folder


@pytest.fixture(scope="module")
def trial(tmp_path_factory, snakemake):
    """A trial of 24 subjects, from its tables to the statistics; one arm has a single subject, R3 shares no scan."""
    folder = tmp_path_factory.mktemp("trial")

    def lonely_arm(table):
        return table.assign(arm=["third", *table["arm"][1:]])

    def lonely_reader(table):
        alone = table[(table["reader"] == "R1") & ~table["scan"].isin(table.loc[table["reader"] == "R2", "scan"])]
        return pd.concat([table.drop(alone.index), alone.assign(reader="R3", order=range(1, len(alone) + 1))])

    study = write_trial(folder / "config" / "few", 24, subjects=lonely_arm, readings=lonely_reader)
    text = (study / "config.yaml").read_text().replace("[R1, R2]", "[R1, R2, R3]")
    (study / "config.yaml").write_text(text + "statistics: {bootstrap: 200}\n")
    names = (
        "change_by_visit",
        "responders",
        "response_means",
        "mixed_model",
        "reader_drift",
        "clinical_response_counts",
    )
    targets = [f"results/few/7_3_responsiveness/{name}.tsv" for name in names]
    targets += [
        f"results/few/{name}"
        for name in ("report/methods.txt", "7_3_responsiveness/figure_9.png", "7_2_agreement/figure_7.png")
    ]
    snakemake(folder, *targets, study="config/few/", check=True)
    return folder / "results" / "few"


def test_every_visit_and_arm_has_its_rows(trial):
    table = read_table(trial / "7_3_responsiveness" / "change_by_visit.tsv").set_index(["measure", "group", "session"])
    assert list(dict.fromkeys(table.index.get_level_values("session"))) == list(SESSIONS[1:])
    lonely = table.loc[("log_vhi", "arm third", "week12")]
    assert np.isnan(lonely["ci_low"])
    assert "fewer than 8 subjects" in lonely["note"]
    for name in ("responders", "response_means", "change_error", "detectable_change", "clinical_response_counts"):
        sessions = read_table(trial / "7_3_responsiveness" / f"{name}.tsv")["session"]
        assert set(sessions) == set(SESSIONS[1:]), name
    responders = read_table(trial / "7_3_responsiveness" / "responders.tsv")
    assert set(responders["group"]) == {"all subjects", "arm placebo", "arm active", "arm third"}
    assert set(responders.loc[responders["primary"] == "yes", "session"]) == {"week52"}


def test_a_reader_without_a_shared_scan_gets_a_reason(trial):
    table = read_table(trial / "7_3_responsiveness" / "reader_drift.tsv").set_index("reader")
    assert table.loc["R3", "note"] == "no scan was read by another reader too"
    assert np.isnan(table.loc["R3", "slope_per_100"])


def test_no_table_of_the_trial_has_an_absurd_cell(trial):
    assert absurd_cells(trial) == []


def test_the_methods_name_the_visits(trial):
    words = (trial / "report" / "methods.txt").read_text()
    assert "Change from week0 was assessed at each later visit" in words
    assert "the primary visit is week52" in words


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("scans", {"session": "week5"}, ["row 3, column 'session'", "unknown session 'week5'", "`sessions`"]),
        ("scans", {"date_offset_days": -4}, ["row 3", "session week4 on day -4 is not after session week0 on day 0"]),
        ("clinical", {"date_offset_days": 0}, ["clinical.tsv, row 3", "is not after session week0"]),
        ("scans", {"site": "Ulm"}, ["row 3", "subject T001 has site 'Ulm'", "one site per subject"]),
        ("scans", {"voxel_mm3": ""}, ["row 3", "names no T1w", "give voxel_mm3"]),
    ],
)
def test_visits_and_sites_that_contradict_are_refused(tmp_path, table, change, words):
    def changed(frame):
        frame = frame.astype(dict.fromkeys(change, object))
        frame.loc[1, list(change)] = list(change.values())
        return frame

    class Study:
        folder = write_trial(tmp_path / "few", 3, **{table: changed})
        data = tmp_path

    refused(Study, *words)


def test_a_primary_visit_must_be_one_after_the_first(tmp_path):
    class Study:
        folder = write_trial(tmp_path / "few", 3, "response: {session: week0}\n")
        data = tmp_path

    refused(Study, "response.session", "found 'week0'", "week4, week12")


def values(effect, n=40, seed=3):
    """Two arms, three visits, two readers; the second arm falls by `effect` on the logarithm at each visit."""
    rng, rows = np.random.default_rng(seed), []
    for person in range(n):
        own = rng.normal(6, 1)
        for visit in range(3):
            of_scan = own + rng.normal(0, 0.3) - effect * visit * (person % 2)
            for reader in ("R1", "R2"):
                rows.append(
                    (f"{person}_{visit}", f"S{person}", f"w{visit}", reader, np.expm1(of_scan + rng.normal(0, 0.2)))
                )
    return pd.DataFrame(rows, columns=["scan", "subject", "session", "reader", "vhi"])


ARMS = {f"S{person}": "ab"[person % 2] for person in range(40)}


def test_the_mixed_model_finds_the_effect_that_was_put_in():
    found = mixed_model(values(0.8), ["w0", "w1", "w2"], ARMS, {}).set_index("term")
    row = found.loc["session x arm: w2 x b"]
    assert row["ci_low"] < -1.6 < row["ci_high"]
    assert row["ratio"] == pytest.approx(np.exp(row["estimate"]))
    assert found.loc["session x arm", "p"] < 1e-6
    assert 0.4 < found.loc["subject", "estimate"] < 2


def test_the_mixed_model_says_why_it_gives_nothing():
    few = mixed_model(values(0.8, 4), ["w0", "w1", "w2"], ARMS, {})
    assert few["note"].tolist() == ["fewer than 8 subjects: no model"]
    table = values(0.8)
    gone = table[~(table["subject"].map(ARMS).eq("b") & table["session"].eq("w2"))]
    assert "no reading at some visit" in mixed_model(gone, ["w0", "w1", "w2"], ARMS, {})["note"].iloc[0]


def test_drift_is_the_slope_that_was_put_in():
    table = values(0)
    order = pd.DataFrame({"scan": table["scan"].unique(), "reader": "R2"})
    order["order"] = np.random.default_rng(1).permutation(len(order)) + 1
    place = order.set_index("scan")["order"]
    later = table["reader"].eq("R2")
    table.loc[later, "vhi"] *= np.exp(0.5 * table.loc[later, "scan"].map(place) / 100)
    row = reader_drift(table, order).iloc[0]
    assert row["ci_low"] < 0.5 < row["ci_high"]
    assert row["p"] < 0.01


def test_two_visits_give_what_the_first_and_the_last_of_three_give():
    measured = values(0.5).rename(columns={"vhi": "vhi_voxels"}).assign(method="semiautomatic", trial="1")
    three, _ = change_tables(measured, None, "voxels", ["R1", "R2"], [], ["w0", "w1", "w2"])
    last = measured[measured["session"] != "w1"].replace({"session": {"w0": "pre", "w2": "post"}})
    two, _ = change_tables(last, None, "voxels", ["R1", "R2"], [])
    same = three[three["session"] == "w2"].drop(columns="session").reset_index(drop=True)
    pd.testing.assert_frame_equal(same, two.drop(columns="session").reset_index(drop=True))
    by_visit = change_by_visit(two.assign(session="post"), ARMS).set_index(["measure", "group"])
    both = by_visit.loc["log_vhi"].loc[["arm b", "arm a"], "mean_change"]
    assert by_visit.loc[("log_vhi", "arm b - arm a"), "mean_change"] == pytest.approx(both.iloc[0] - both.iloc[1])


def test_arms_keep_the_order_of_the_study():
    assert list(groups_of({"a": "x", "b": "y", "c": "x"})) == ["arm x", "arm y"]
    assert groups_of({}) == {}
