"""Section 2.7.2: limits of agreement, clustered estimates, ICC, relation of V_HI to SPARCC, and their edge cases."""

import time

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from absurd import absurd_cells
from vhi.statistics.agreement import limits_of_agreement
from vhi.statistics.clustered import clustered_limits, components
from vhi.statistics.interobserver import limits_table, pairs_table, reliability_table
from vhi.statistics.jackknife import jackknife_interval, sums_without_each
from vhi.statistics.ratios import ratios_table
from vhi.statistics.regression import influence, regress
from vhi.statistics.relation import relation_table
from vhi.statistics.reliability import f_interval, icc_a1, reliability
from vhi.statistics.slopes import line
from vhi.statistics.values import reader_values
from vhi.statistics.within import within_tables

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])


def clustered(rng, subjects=29, between=2.0, within=1.0, missing=()):
    """Differences of two scans a subject, with a shift of the second session; some scans missing."""
    who, when = np.repeat(np.arange(subjects), 2), np.tile(["pre", "post"], subjects)
    d = 0.7 + rng.normal(0, between, subjects)[who] + rng.normal(0, within, 2 * subjects) + 1.5 * (when == "post")
    kept = np.setdiff1d(np.arange(2 * subjects), missing)
    return d[kept], who[kept], when[kept]


def values_of(vhi, sparcc=None):
    """A table of values from {(subject, session, reader): V_HI}."""
    rows = [
        {
            "scan": f"{subject}{session}",
            "subject": subject,
            "session": session,
            "reader": reader,
            "vhi_voxels": float(value),
            "vhi_mm3": 1.2 * value,
            "sparcc": float((sparcc or {}).get((subject, session, reader), np.nan)),
        }
        for (subject, session, reader), value in vhi.items()
    ]
    return pd.DataFrame(rows)


# Limits of agreement


def test_intervals_of_bland_and_altman_1999():
    """Systolic pressure, observer J less machine S: 85 subjects, mean -16.29, SD 19.61 (Stat Methods Med Res 8:135, section 2).

    The intervals depend on these three alone; printed are limits of -54.7 and 22.1, and SE of the limits 1.71 s / sqrt n.
    """
    z = np.random.default_rng(1).normal(size=85)
    d = -16.29 + 19.61 * (z - z.mean()) / z.std(ddof=1)
    found = limits_of_agreement(d, np.zeros(85))
    assert (round(found.lower, 1), round(found.upper, 1)) == (-54.7, 22.1)
    se = (found.upper_ci[1] - found.upper) / 1.98861  # t with 84 degrees of freedom
    assert se == pytest.approx(1.71 * 19.61 / np.sqrt(85), rel=5e-3)  # printed to three digits


def test_limits_agree_with_statsmodels_but_for_its_ddof():
    rng = np.random.default_rng(2)
    a, b = rng.normal(10, 3, 20), rng.normal(9, 3, 20)
    found = limits_of_agreement(a, b)
    mean = sm.stats.DescrStatsW(a - b)
    assert found.bias_ci == pytest.approx(mean.tconfint_mean(), abs=1e-12)
    assert found.sd == pytest.approx(mean.std * np.sqrt(20 / 19), abs=1e-12)


def test_components_are_those_of_an_analysis_of_variance_and_of_a_mixed_model():
    d, who, when = clustered(np.random.default_rng(3))
    found = components(d, who, when)
    frame = pd.DataFrame({"d": d, "who": who, "when": when})
    table = sm.stats.anova_lm(smf.ols("d ~ C(when) + C(who)", frame).fit())
    assert found.within == pytest.approx(table.loc["Residual", "mean_sq"], rel=1e-9)
    assert found.between == pytest.approx(table.loc["C(who)", "mean_sq"], rel=1e-9)
    mixed = smf.mixedlm("d ~ C(when)", frame, groups="who").fit(reml=True)
    assert found.subject_variance == pytest.approx(float(mixed.cov_re.iloc[0, 0]), rel=1e-3)  # as far as it converges
    assert found.within == pytest.approx(mixed.scale, rel=1e-3)
    assert found.mean_variance == pytest.approx(found.between / d.size, rel=1e-9)


def test_components_of_unbalanced_data_are_near_a_mixed_model():
    d, who, when = clustered(np.random.default_rng(4), subjects=200, missing=range(0, 120, 3))
    found = components(d, who, when)
    frame = pd.DataFrame({"d": d, "who": who, "when": when})
    mixed = smf.mixedlm("d ~ C(when)", frame, groups="who").fit(reml=True)
    total = float(mixed.cov_re.iloc[0, 0]) + mixed.scale
    assert found.total_variance - found.session_variance == pytest.approx(total, rel=0.03)


def test_one_scan_a_subject_gives_the_limits_of_independent_data():
    d = np.random.default_rng(5).normal(1, 2, 12)
    found, plain = clustered_limits(d, np.arange(12), np.repeat("pre", 12)), limits_of_agreement(d, np.zeros(12))
    assert (found.bias, found.sd, found.lower) == pytest.approx((plain.bias, plain.sd, plain.lower))
    assert found.bias_ci == pytest.approx(plain.bias_ci)
    assert found.upper_ci[0] < found.upper < found.upper_ci[1]


def test_clustered_intervals_of_the_bias_are_wider_where_subjects_differ():
    d, who, when = clustered(np.random.default_rng(6), between=3)
    found, plain = clustered_limits(d, who, when), limits_of_agreement(d, np.zeros(d.size))
    assert np.ptp(found.bias_ci) > 1.2 * np.ptp(plain.bias_ci)


def test_limits_without_enough_data_are_undefined():
    assert np.isnan(clustered_limits(np.array([]), np.array([]), np.array([])).bias)
    one = clustered_limits(np.array([3.0]), np.array(["a"]), np.array(["pre"]))
    assert one.bias == 3
    assert np.isnan(one.sd)
    two = clustered_limits(np.array([3.0, 5.0]), np.array(["a", "b"]), np.array(["pre", "pre"]))
    assert (two.bias, two.sd) == pytest.approx((4, np.sqrt(2)))
    same = clustered_limits(np.zeros(16), np.repeat(np.arange(8), 2), np.tile(["pre", "post"], 8))
    assert (same.lower, same.upper) == (0, 0)
    assert np.isnan(same.lower_ci).all()


def test_pooled_limits_contain_the_biases_of_the_sessions():
    """Bland and Altman 2007: 400 subjects, one reader 6 above the other before treatment and level after it."""
    d, who, when = clustered(np.random.default_rng(12), subjects=400, between=1, within=0.5)
    d += np.where(when == "pre", 7.5, 0)  # with the shift of 1.5: sessions 6 apart
    found, limits = components(d, who, when), clustered_limits(d, who, when)
    assert found.session_variance == pytest.approx(
        np.ptp([d[when == s].mean() for s in ("pre", "post")]) ** 2 / 4, rel=0.01
    )
    assert found.subject_variance == pytest.approx(1, abs=0.2)
    assert np.mean((d > limits.lower) & (d < limits.upper)) > 0.95
    one_way = sm.stats.anova_lm(smf.ols("d ~ C(who)", pd.DataFrame({"d": d, "who": who})).fit())["mean_sq"]
    assert limits.sd**2 == pytest.approx(one_way.mean(), rel=1e-9)  # two scans each: half of both mean squares
    assert components(d, who, np.repeat("any", d.size)).total_variance == pytest.approx(limits.sd**2, rel=1e-12)


def test_a_common_bias_of_sessions_is_no_variance():
    d, who, when = clustered(np.random.default_rng(13), subjects=2000)
    d -= np.where(when == "post", 1.5, 0)
    assert abs(components(d, who, when).session_variance) < 0.01


# Intraclass correlation


def test_icc_of_shrout_and_fleiss_1979():
    # Psychol Bull 1979; 86: 420-428, Table 2: six targets, four judges; ICC(2,1) = .29, Table 4.
    assert round(icc_a1(SHROUT_FLEISS), 2) == 0.29
    long = pd.DataFrame(SHROUT_FLEISS).reset_index().melt("index")
    theirs = pingouin.intraclass_corr(long, "index", "variable", "value").set_index("Type").loc["ICC(A,1)"]
    assert icc_a1(SHROUT_FLEISS) == pytest.approx(theirs["ICC"], abs=1e-9)
    assert np.round(f_interval(SHROUT_FLEISS), 2) == pytest.approx(theirs["CI95"])
    assert pingouin.options["round.column.CI95"] == 2  # as it was


def test_icc_at_its_ends():
    same = pd.DataFrame({"R1": [1.0, 4, 9, 2, 5, 6, 7, 8], "R2": [1.0, 4, 9, 2, 5, 6, 7, 8]})
    found = reliability(same, np.arange(8))
    assert (found["icc"], found["ci_low"], found["ci_high"], found["icc_k"], found["icc_k_ci_low"]) == (1, 1, 1, 1, 1)
    few = reliability(same.head(7), np.arange(7))
    assert few["icc"] == 1
    assert np.isnan([few["ci_low"], few["f_ci_low"], few["icc_k_ci_low"]]).all()
    assert few["note"] == "fewer than 8 subjects: no interval"
    assert np.isnan(reliability(same * 0, np.arange(8))["icc"])
    assert np.isnan(reliability(same.head(1), np.arange(1))["icc"])
    two = reliability(pd.DataFrame({"R1": [1.0, 4], "R2": [2.0, 4]}), np.arange(2))
    assert np.isfinite(two["icc"])
    assert np.isnan(two["ci_low"])


def test_icc_of_the_mean_of_readers_is_that_of_pingouin():
    theirs = pingouin.intraclass_corr(
        pd.DataFrame(SHROUT_FLEISS).reset_index().melt("index"), "index", "variable", "value"
    ).set_index("Type")
    found = reliability(pd.DataFrame(SHROUT_FLEISS), np.arange(6))
    assert (found["readers"], round(found["icc_k"], 2)) == (4, 0.62)  # ICC(2,4) of Shrout and Fleiss, Table 4
    assert found["icc_k"] == pytest.approx(theirs.loc["ICC(A,k)", "ICC"], abs=1e-9)


def test_jackknife_of_a_mean_is_the_t_interval():
    x = np.random.default_rng(7).normal(size=15)
    found = jackknife_interval(x.mean(), [np.delete(x, place).mean() for place in range(15)])
    assert found == pytest.approx(sm.stats.DescrStatsW(x).tconfint_mean(), abs=1e-9)
    assert np.isnan(jackknife_interval(1.0, np.arange(7.0))[0])
    assert np.isfinite(jackknife_interval(1.0, np.arange(8.0))[0])


# V_HI on SPARCC


def test_a_line_is_that_of_least_squares():
    rng = np.random.default_rng(8)
    x = rng.normal(size=40)
    y = 2 * x + rng.normal(size=40)
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    assert line(x, y) == pytest.approx((fit.params[1], fit.params[0]), abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_leaving_out_in_closed_form_is_fitting_anew(seed):
    rng = np.random.default_rng(seed)
    who = np.array([f"p{n}" for n in rng.integers(0, 9 + 4 * seed, 60 + 10 * seed)])
    x = rng.integers(0, 40, who.size) + rng.normal(0, 1e-3, who.size) * (seed % 2)
    y = rng.lognormal(0.1 * x, 1 + seed / 6)
    found = sums_without_each(x, y, who)
    for place, subject in enumerate(np.unique(who)):
        kept = who != subject
        slope, intercept = line(x[kept], y[kept])
        assert found.slope[place] == pytest.approx(slope, rel=1e-9, abs=1e-9)
        at = found.mean_y[place] - slope * found.mean_x[place]
        assert at == pytest.approx(intercept, rel=1e-9, abs=1e-9 * np.abs(y).max())
    table = influence(np.arange(x.size), x, y).set_index("subject")
    for place in rng.integers(0, x.size, 5):
        fit = regress(np.delete(x, place), np.delete(y, place))
        without = table.loc[place, ["slope_without", "r2_without", "slope_p_without"]].astype(float)
        expected = [fit["slope"], fit["r2"], fit["slope_p"]]
        np.testing.assert_allclose(without, expected, rtol=1e-8, atol=1e-12)


def test_leaving_out_the_only_subject_that_varies_leaves_no_line():
    x, y, who = np.array([3.1, 3.1, 3.1, 8.0, 9.0]), np.array([1.0, 2, 4, 3, 5]), np.array(["a", "b", "b", "c", "c"])
    found = sums_without_each(x, y, who)
    assert np.isnan(found.slope).tolist() == [False, False, True]
    assert np.isnan(influence(np.arange(4), np.array([0.1, 0.1, 0.1, 5]), np.array([1.0, 2, 3, 4]))["slope_without"][0])


def test_a_thousand_subjects_take_seconds():
    rng = np.random.default_rng(14)
    vhi = {(f"s{n}", when, "R1"): rng.lognormal(6, 1) for n in range(1000) for when in ("pre", "post")}
    values = values_of(vhi, {key: rng.integers(0, 40) for key in vhi})
    start = time.process_time()
    relation_table(values, ["R1"], "voxels", 0.95)
    assert time.process_time() - start < 30  # fitting anew without each takes minutes


def test_relation_is_raw_truncated_and_logarithmic():
    rng = np.random.default_rng(9)
    scores = {(f"s{n}", when, "R1"): rng.integers(0, 40) for n in range(12) for when in ("pre", "post")}
    vhi = {key: round(np.expm1(0.1 * score + 2)) for key, score in scores.items()}
    table = relation_table(values_of(vhi, scores), ["R1"], "voxels", 0.8).set_index("scale")
    assert table.loc["log", "slope"] == pytest.approx(0.1, abs=0.01)
    assert table.loc["log", "r2"] > 0.999
    assert table.loc["log", "unit"] == "log(voxels + 1)"
    kept = sum(value <= np.quantile(list(vhi.values()), 0.8) for value in vhi.values())
    assert (table.loc["raw", "n_scans"], table.loc["truncated", "n_scans"]) == (24, kept)
    assert kept < 24
    assert table.loc["raw", "shapiro_p"] < 0.05 < table.loc["raw", "breusch_pagan_p"]  # a curve, not unequal spread


def test_relation_without_a_line():
    vhi = {("a", "pre", "R1"): 0, ("b", "pre", "R1"): 0, ("c", "pre", "R1"): 0}
    table = relation_table(values_of(vhi, dict.fromkeys(vhi, 3)), ["R1"], "voxels", 0.9)
    assert table["slope"].isna().all()
    table = relation_table(values_of(vhi), ["R1"], "voxels", 0.9)  # nobody scored
    assert (table["n_scans"] == 0).all()


# Tables


@pytest.fixture
def cohort():
    rng = np.random.default_rng(10)
    return {
        (f"s{n}", when, reader): int(rng.lognormal(5, 2))
        for n in range(9)
        for when in ("pre", "post")
        for reader in ("R1", "R2")
    }


def test_pairs_and_limits(cohort):
    values = values_of(cohort, {key: value % 40 for key, value in cohort.items()})
    pairs = pairs_table(values, ["R1", "R2"], "voxels", 0.9)
    assert pairs.groupby(["measure", "scale"]).size()["V_HI", "raw"] == 18
    truncated = pairs[(pairs["measure"] == "V_HI") & (pairs["scale"] == "truncated")]
    assert (truncated["mean"] <= truncated["cut"]).all()
    assert len(truncated) < 18
    limits = limits_table(pairs)
    key = ["measure", "scale", "sessions", "method", "quantity"]
    assert not limits.duplicated(key).any()
    raw = pairs[(pairs["measure"] == "V_HI") & (pairs["scale"] == "raw")]
    bias = limits.set_index(key)["estimate"]["V_HI", "raw", "all", "paper", "bias"]
    assert bias == pytest.approx(raw["difference"].mean())
    assert limits.set_index(key)["n_scans"]["V_HI", "raw", "pre", "paper", "bias"] == 9
    fit = sm.OLS(raw["difference"], sm.add_constant(raw["mean"])).fit()
    trend = limits.set_index(key)["estimate"].sort_index()["V_HI", "raw", "all", "clustered"]
    assert trend["proportional_bias"] == pytest.approx(fit.params["mean"], abs=1e-9)
    expected = sm.stats.diagnostic.het_breuschpagan(fit.resid, fit.model.exog)[1]
    assert trend["spread_with_mean_p"] == pytest.approx(expected, abs=1e-9)


def test_ratios_are_exponentials_per_tertile(cohort):
    values = values_of({(s, w, r): 2 * v if r == "R1" else v for (s, w, r), v in cohort.items()})
    values.loc[values["reader"] == "R1", "vhi_voxels"] = 2 * (
        values.loc[values["reader"] == "R2", "vhi_voxels"].to_numpy() + 1
    ) - 1  # (R1 + 1) is twice (R2 + 1)  # fmt: skip
    table = ratios_table(values, ["R1", "R2"])
    voxel = table[(table["one_is"] == "1 voxel") & (table["quantity"] == "bias")]
    assert voxel["ratio"].to_numpy() == pytest.approx(2)
    assert voxel["tertile"].tolist() == ["all", "lowest", "middle", "highest"]
    assert voxel["n_scans"].tolist() == [18, 6, 6, 6]
    assert not np.allclose(table.loc[table["one_is"] == "1 mm3", "ratio"], 2)


def test_few_subjects_have_estimates_and_a_reason_but_no_interval(cohort, tmp_path):
    few = values_of({key: value for key, value in cohort.items() if key[0] in ("s0", "s1", "s2", "s3")})
    few["sparcc"] = few["vhi_voxels"] % 40
    pairs = pairs_table(few, ["R1", "R2"], "voxels", 0.9)
    limits = limits_table(pairs)
    tables = {
        "limits": limits[limits["method"] == "clustered"],
        "ratios": ratios_table(few, ["R1", "R2"]),
        "reliability": reliability_table(few, ["R1", "R2"], "voxels"),
        "relation": relation_table(few, ["R1", "R2"], "voxels", 0.9),
    }
    for name, table in tables.items():
        assert table["note"].str.contains("fewer than 8 subjects: no interval").all(), name
        ends = [column for column in table if "ci_" in column and ("clustered" in column) == (name == "relation")]
        assert ends
        assert table[ends].isna().all(axis=None), name
    assert np.isfinite(tables["ratios"]["ratio"]).all()
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    assert absurd_cells(tmp_path) == []


def test_one_reader_has_no_agreement_and_one_session_no_change(cohort):
    alone = values_of({key: value for key, value in cohort.items() if key[2] == "R1"})
    pairs = pairs_table(alone, ["R1", "R2"], "voxels", 0.9)
    assert pairs.empty
    assert limits_table(pairs).empty
    assert ratios_table(alone, ["R1", "R2"]).empty
    assert reliability_table(alone, ["R1", "R2"], "voxels").empty
    before = values_of({key: value for key, value in cohort.items() if key[1] == "pre"})
    found = reliability_table(before, ["R1", "R2"], "voxels").set_index(["scale", "of", "sessions"])
    assert found.loc[("raw", "status", "all"), "n"] == 9
    assert found.loc[("raw", "change", "post - pre"), "n"] == 0
    assert np.isnan(found.loc[("raw", "change", "post - pre"), "icc"])


def test_nothing_inflamed_and_identical_readers(cohort):
    nothing = values_of(dict.fromkeys(cohort, 0))
    limits = limits_table(pairs_table(nothing, ["R1", "R2"], "voxels", 0.9))
    needs_spread = ["proportional_bias", "spread_with_mean_p", "tolerance"]
    of_spread = limits["quantity"].isin(needs_spread)
    assert (limits.loc[~of_spread, "estimate"] == 0).all()
    assert limits.loc[of_spread, "estimate"].isna().all()
    assert reliability_table(nothing, ["R1", "R2"], "voxels")["icc"].isna().all()
    same = values_of({(s, w, r): cohort[s, w, "R1"] for s, w, r in cohort})
    assert (reliability_table(same, ["R1", "R2"], "voxels")["icc"] == 1).all()
    limits = limits_table(pairs_table(same, ["R1", "R2"], "voxels", 0.9))
    assert (limits.loc[~limits["quantity"].isin(needs_spread[1:]), "estimate"] == 0).all()


def test_the_first_semiautomatic_trial_counts():
    rows = [
        ("a", "A", "pre", "R1", "1", "semiautomatic", 10.0, 12.0),
        ("a", "A", "pre", "R1", "2", "semiautomatic", 99.0, 99.0),
        ("a", "A", "pre", "R1", "1", "manual", 99.0, 99.0),
        ("a", "A", "pre", "R2", "1", "semiautomatic", None, None),  # not available at this limit
    ]
    columns = ["scan", "subject", "session", "reader", "trial", "method", "vhi_voxels", "vhi_mm3"]
    sparcc = pd.DataFrame([("a", "A", "pre", "R2", 7.0)], columns=["scan", "subject", "session", "reader", "sparcc"])
    found = reader_values(pd.DataFrame(rows, columns=columns), sparcc)
    assert found[["reader", "vhi_voxels", "sparcc"]].fillna(-1).to_numpy().tolist() == [["R1", 10, -1], ["R2", -1, 7]]


def test_within_readers_both_trials_are_compared():
    rng = np.random.default_rng(2)
    rows = []
    for number in range(9):
        size = rng.integers(50, 500)
        for reader, trials in (("R1", "12"), ("R2", "1")):
            for trial in trials:
                voxels = int(size + rng.integers(-9, 9))
                rows.append({"scan": f"s{number}", "subject": f"s{number}", "session": "pre", "repeat": 1, "reader": reader,
                    "trial": trial, "method": "semiautomatic", "vhi_voxels": voxels, "vhi_mm3": 2.0 * voxels})  # fmt: skip
    table = pd.DataFrame(rows)
    limits, reliability = within_tables(table, ["R1", "R2"], "voxels", 0.9, ["pre", "post"])
    assert set(zip(limits["a"], limits["b"], strict=True)) == {("R1.1", "R1.2")}
    assert set(limits["measure"]) == {"V_HI"}
    own = table[table["reader"] == "R1"].pivot(index="scan", columns="trial", values="vhi_voxels")
    bias = limits.query("scale == 'raw' and method == 'paper' and quantity == 'bias' and sessions == 'all'")["estimate"]
    assert bias.item() == pytest.approx((own["1"] - own["2"]).mean())
    assert set(reliability["reader"]) == {"R1"}
    assert reliability["icc"].max() > 0.9
