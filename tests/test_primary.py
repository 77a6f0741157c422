"""Analyses that can be primary: limits by the mean, slopes, medians, tolerance limits, the gain in Dice, and their coverage."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from vhi.io.tables import read_table
from vhi.statistics.by_mean import HALF_NORMAL, by_mean_table, limits_by_mean
from vhi.statistics.clustered import clustered_limits, components
from vhi.statistics.coverage import OF_TABLE, with_coverage
from vhi.statistics.interobserver import limits_table, pairs_table
from vhi.statistics.medians import median_interval, sign_test
from vhi.statistics.overlap_tables import gain_table
from vhi.statistics.primary import (
    AGREEMENT,
    INTERVALS,
    RELATION,
    ROWS,
    declared_in_words,
    with_primary_limits,
    with_primary_relation,
)
from vhi.statistics.slopes import clustered_line, log_link_slope, poisson_lines
from vhi.statistics.tolerance import tolerance_limits

ROOT = Path(__file__).parents[1]
MEASURED = read_table(ROOT / "workflow_scripts" / "vhi" / "statistics" / "coverage.tsv")


def grown(rng, subjects=40, power=0.7):
    """Two readers whose differences grow with a power of the mean."""
    mean = rng.lognormal(5, 1.2, 2 * subjects)
    half = 0.5 * rng.normal(0, 1, mean.size) * mean**power
    return np.maximum(0, mean + half), np.maximum(0, mean - half), np.repeat(np.arange(subjects), 2)


def test_limits_by_mean_follow_the_spread():
    a, b, who = grown(np.random.default_rng(1), 20_000)
    rows = {(row["mean"], row["quantity"]): row for row in limits_by_mean(a[:80], b[:80], who[:80], (100, 1000))}
    for mean in (100, 1000):
        at = rows[mean, "upper_limit"]
        assert at["interval"][0] < 1.96 * mean**0.7 < at["interval"][1]
        assert at["estimate"] > 0 > rows[mean, "lower_limit"]["estimate"]
    whole = {(row["mean"], row["quantity"]): row for row in limits_by_mean(a, b, np.zeros(a.size), (100, 1000))}
    assert whole[1000, "upper_limit"]["estimate"] == pytest.approx(1.96 * 1000**0.7, rel=0.03)
    assert whole[100, "lower_limit"]["estimate"] == pytest.approx(-1.96 * 100**0.7, rel=0.03)


def test_limits_by_mean_are_the_formula_of_their_parts():
    a, b, who = grown(np.random.default_rng(2))
    fit = sm.GLM(np.abs(a - b), sm.add_constant(np.log1p((a + b) / 2)), family=sm.families.Poisson()).fit(tol=1e-12)
    scaled = (a - b) / (1 + (a + b) / 2) ** fit.params[1]
    sd = HALF_NORMAL * np.abs(scaled - scaled.mean()).mean()
    bias, lower, upper = limits_by_mean(a, b, who, [50])
    grown_by = 51 ** fit.params[1]
    expected = [scaled.mean(), scaled.mean() - 1.96 * sd, scaled.mean() + 1.96 * sd]
    assert [row["estimate"] / grown_by for row in (bias, lower, upper)] == pytest.approx(expected, rel=1e-7)
    nothing = limits_by_mean(a, a, who, [50])
    assert all(np.isnan(row["estimate"]) and np.isnan(row["interval"]).all() for row in nothing)


def test_fits_of_the_log_link_are_those_of_statsmodels():
    rng = np.random.default_rng(3)
    x = rng.normal(10, 4, 60)
    y = np.round(np.exp(0.2 * x + rng.normal(0, 1, 60)))
    weights = np.stack([np.ones(60), np.arange(60) > 9])
    for row, kept in zip(poisson_lines(x, y, weights), weights.astype(bool), strict=True):
        fit = sm.GLM(y[kept], sm.add_constant(x[kept]), family=sm.families.Poisson()).fit(tol=1e-12)
        assert row == pytest.approx(fit.params, rel=1e-7)
    found = log_link_slope(x, y, np.repeat(np.arange(30), 2))
    assert (found.p < 0.05) == (found.ci[0] > 0 or found.ci[1] < 0)
    assert np.isnan(log_link_slope(x, 0 * y, np.arange(60)).estimate)
    assert np.isnan(log_link_slope(x[:14], y[:14], np.repeat(np.arange(7), 2)).ci).all()


def test_cr2_of_one_scan_a_subject_is_hc2():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=25), rng.normal(size=25)
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC2")
    assert clustered_line(x, y, np.arange(25))["slope"].se == pytest.approx(fit.bse[1], rel=1e-9)
    assert np.isnan(clustered_line(x, 2 * x, np.arange(25))["slope"].ci).all()  # all on the line
    assert np.isnan(clustered_line(x[:7], y[:7], np.arange(7))["slope"].ci).all()


def test_the_clustered_sign_test_is_the_share_of_all_changes_of_sign():
    rng = np.random.default_rng(5)
    values, who = rng.normal(0.4, 1, 20), np.repeat(np.arange(9), [1, 2, 2, 3, 2, 2, 3, 4, 1])
    sums = np.bincount(who, np.sign(values))
    every = np.array([np.dot(signs, np.abs(sums)) for signs in product((-1, 1), repeat=9)])
    assert sign_test(values, who) == pytest.approx((np.abs(every) >= abs(sums.sum()) - 1e-9).mean())
    one = rng.normal(0.3, 1, 30)
    assert sign_test(one, np.arange(30)) == pytest.approx(stats.binomtest(int((one > 0).sum()), 30).pvalue)
    assert sign_test(np.zeros(5), np.arange(5)) == 1


def test_interval_of_a_median_holds_what_the_test_does_not_reject():
    rng = np.random.default_rng(6)
    for subjects in (6, 8, 15, 40):
        values, who = np.round(rng.normal(0, 3, 2 * subjects)), np.repeat(np.arange(subjects), 2)
        low, high = median_interval(values, who)
        assert low <= np.median(values) <= high
        for at in np.arange(-9.25, 9.5, 0.5):
            assert (sign_test(values - at, who) >= 0.05) == (low < at < high), (subjects, at)
    ordered = np.sort(rng.normal(size=29))
    assert median_interval(ordered, np.arange(29)) == (ordered[8], ordered[20])  # binomial: 9th and 21st of 29
    assert np.isnan(median_interval(ordered[:5], np.arange(5))).all()


def test_tolerance_factor_of_the_nist_handbook():
    # Section 7.2.6.3: 43 wafers, 90 % of the population with 99 % confidence, k = 2.217 by Howe's method.
    z = np.random.default_rng(7).normal(size=43)
    low, high = tolerance_limits(components(z, np.arange(43), np.zeros(43)), 0.90, 0.99)
    assert round((high - low) / 2 / z.std(ddof=1), 3) == 2.217
    assert np.isnan(tolerance_limits(components(z[:7], np.arange(7), np.zeros(7)))).all()


def test_limits_of_symmetric_data_have_mirrored_intervals_and_skewed_ones_have_not():
    rng = np.random.default_rng(8)
    half = rng.normal(size=15)
    who, when = np.repeat(np.arange(15), 2), np.tile([0, 1], 15)
    d = np.ravel(np.column_stack([half, half[::-1]]))
    there, back = clustered_limits(d, who, when), clustered_limits(-d, who, when)
    assert there.upper_ci == pytest.approx((-back.lower_ci[1], -back.lower_ci[0]))
    skewed = np.exp(d)
    found = clustered_limits(skewed, who, when)
    assert np.ptp(found.upper_ci) > np.ptp(found.lower_ci)  # bias and SD rise together


def test_gain_is_one_contrast_per_scan():
    rows = []
    for n in range(8):
        rows += [(f"s{n}", f"p{n}", "R1.1", "R2.1", "semiautomatic", 0.9 - 0.01 * n)]
        rows += [(f"s{n}", f"p{n}", a, b, "manual", 0.5 + 0.02 * k) for k, (a, b) in enumerate(
            (("R1.1", "R2.1"), ("R1.2", "R2.1"), ("R1.1", "R2.2"), ("R1.2", "R2.2"), ("R1.1", "R1.2")))]  # fmt: skip
    found = gain_table(pd.DataFrame(rows, columns=["scan", "subject", "a", "b", "method", "dice"]))
    assert found["against"].tolist() == ["mean of 4 manual pairs"]  # not the pair of one reader
    assert found["primary"].tolist() == ["yes"]
    assert found["median_difference"][0] == pytest.approx(0.9 - 0.035 - 0.53)
    assert found["sign_p"][0] == pytest.approx(2 / 2**8)
    assert (found["ci_low"][0], found["ci_high"][0]) == pytest.approx((0.3, 0.37))
    few = gain_table(pd.DataFrame(rows[:30], columns=["scan", "subject", "a", "b", "method", "dice"]))
    assert np.isnan(few["ci_low"][0])
    assert few["note"][0] == "fewer than 6 subjects: no interval"


@pytest.fixture(scope="module")
def pairs():
    rng, rows = np.random.default_rng(9), []
    for n, when in product(range(20), ("pre", "post")):
        level = rng.lognormal(5, 1)
        rows += [
            (f"s{n}{when}", f"s{n}", when, reader, np.round(level * rng.lognormal(0, 0.2)), 3.0)
            for reader in ("R1", "R2")
        ]
    values = pd.DataFrame(rows, columns=["scan", "subject", "session", "reader", "vhi_voxels", "sparcc"])
    return pairs_table(values, ["R1", "R2"], "voxels", 0.9)


def test_the_declared_analysis_is_marked_and_shown_first(pairs):
    limits = limits_table(pairs)
    for declared, (scale, method) in ROWS.items():
        table = by_mean_table(pairs) if method == "by_mean" else limits
        found = with_primary_limits(table, declared)
        chosen = found[found["primary"] == ("paper" if declared == "paper" else "yes")]
        assert len(chosen)
        assert set(zip(chosen["measure"], chosen["scale"], chosen["method"], strict=True)) == {("V_HI", scale, method)}
        assert found["primary"].tolist() == sorted(found["primary"], reverse=True)
        assert len(found) == len(table)
    assert set(with_primary_limits(limits, "none")["primary"]) == {"no"}
    relation = with_primary_relation(pd.DataFrame({"scale": ["raw", "truncated", "log"]}), "log_slope")
    assert relation["primary"].tolist() == ["no", "no", "slope_clustered"]
    assert set(ROWS) == set(AGREEMENT)
    assert set(INTERVALS) == set(RELATION)


def test_coverage_stands_beside_every_interval_that_was_measured(pairs):
    table = with_coverage("limits", limits_table(pairs), MEASURED)
    assert table.columns.get_loc("coverage_percent") == table.columns.get_loc("ci_high") + 1
    key = ["measure", "scale", "sessions", "method", "quantity"]
    found = table.set_index(key)["coverage_percent"]
    where = MEASURED.set_index(["population", "subjects", "estimand", "method"])["coverage_percent"]
    assert found["V_HI", "log", "all", "clustered", "lower_limit"] == where["log", 29, "lower_limit", "clustered"]
    assert found["SPARCC", "raw", "all", "clustered", "bias"] == where["normal", 29, "bias", "clustered"]
    assert np.isnan(found["V_HI", "raw", "pre", "paper", "bias"])  # measured for two sessions
    assert np.isnan(found["V_HI", "raw", "all", "clustered", "sd"])  # has no interval
    by_mean = with_coverage("limits_by_mean", by_mean_table(pairs), MEASURED).set_index(["mean", "quantity"])
    assert by_mean.loc[(100, "lower_limit"), "coverage_percent"] == where["raw", 29, "lower_limit at 100", "by_mean"]


def test_every_interval_that_a_table_quotes_was_measured():
    known = set(zip(MEASURED["estimand"], MEASURED["method"], strict=True))
    fields = {
        "quantity": ["bias", "lower_limit", "upper_limit"],
        "method": ["paper", "clustered"],
        "of": ["status", "change"],
    }
    fields |= {"statistic": ["srm", "effect size"], "mean": [100, 1000]}
    for name, intervals in OF_TABLE.items():
        for _, estimand, method in intervals:
            for values in product(*fields.values()):
                row = dict(zip(fields, values, strict=True))
                assert (estimand.format(**row), method.format(**row)) in known, name


def test_what_is_primary_by_default_covers_on_its_own_scale():
    """The Monte Carlo interval of the coverage overlaps 93 to 97 % at 29 and at 100 subjects."""
    from_log = MEASURED[(MEASURED["population"] == "log") & MEASURED["subjects"].isin((29, 100))]
    for estimand, method in (
        ("lower_limit", "clustered"),
        ("upper_limit", "clustered"),
        ("bias", "clustered"),
        ("slope", "cr2"),
    ):
        rows = from_log[(from_log["estimand"] == estimand) & (from_log["method"] == method)]
        assert len(rows) == 2
        assert ((rows["mc_low"] <= 97) & (rows["mc_high"] >= 93)).all(), (estimand, rows)


def test_limits_by_mean_cover_within_the_data_but_not_beyond():
    rows = MEASURED[(MEASURED["method"] == "by_mean") & MEASURED["subjects"].isin((29, 100))].set_index("estimand")
    within = rows.loc[[f"{end}_limit at {mean}" for end in ("lower", "upper") for mean in (100, 1000)]]
    assert ((within["mc_low"] <= 97) & (within["mc_high"] >= 93)).all()
    beyond = rows.loc["lower_limit at 10000"]
    assert (beyond["mc_high"] < 93).all()  # the patients have at most 3,700 voxels


def test_the_papers_own_analyses_are_shown_first_but_not_called_primary():
    found = declared_in_words({"agreement": "paper", "relation": "log_slope"}, two_readers=True, sparcc=True)
    assert found == {"primary": [RELATION["log_slope"]], "first": [AGREEMENT["paper"]]}
    assert declared_in_words({"agreement": "none", "relation": "none"}, True, True) == {"primary": [], "first": []}
    assert declared_in_words({"agreement": "log_limits", "relation": "log_slope"}, False, False)["primary"] == []
