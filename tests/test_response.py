"""Change under treatment, clinical response, responders, regression of changes, failure analysis."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vhi.figures.scans import discrepant_slices
from vhi.io.errors import InputError
from vhi.report.claims.parity import NEEDED, derivation, possible_tables
from vhi.statistics.bootstrap import bca_interval
from vhi.statistics.change import changes, chi_squared_interval, detectable_interval, smallest_detectable_change
from vhi.statistics.consistent import consistent_tables
from vhi.statistics.disagreement import differences, main_kind, sheet, tally, true_causes
from vhi.statistics.regression import influence, regress
from vhi.statistics.responders import (
    agreement_of_judgements,
    from_counts,
    judgements,
    proportion,
    responder_table,
)
from vhi.statistics.response import RULES, clinical_response, response_counts
from vhi.statistics.response_means import response_means

ROOT = Path(__file__).parents[1]
ITEMS = [f"basdai_q{n}" for n in range(1, 7)]


def assessed(subject, session, basdai, vas, q2=4.0, crp=5.0, esr=20.0, pga=4.0):
    """An assessment whose BASDAI items are all alike, so that the index is the item."""
    row = {"subject": subject, "session": session, "spinal_vas_cm": vas, "crp_mg_l": crp, "esr_mm_h": esr, "pga": pga}
    return row | dict.fromkeys(ITEMS, basdai) | ({"basdai_q2": q2} if q2 is not None else {})


def judged(pre, post, **keywords):
    frame = pd.DataFrame([assessed("A", "pre", *pre, q2=pre[0]), assessed("A", "post", *post, q2=post[0])])
    return clinical_response(frame, ["A"], **keywords).set_index("rule")


# Clinical response


@pytest.mark.parametrize(
    ("rule", "pre", "post", "response"),
    [
        ("paper2023", (6.0, 5.0), (4.8, 4.0), "yes"),  # both cut-offs reached exactly
        ("paper2023", (6.0, 5.0), (4.81, 4.0), "no"),
        ("paper2023", (6.0, 5.0), (4.8, 4.1), "no"),
        ("paper2023", (2.4, 2.4), (1.2, 1.4), "yes"),  # 2.4 - 1.4 is 0.9999999999999998
        ("nice_ta383", (6.0, 5.0), (4.8, 4.0), "no"),  # what the paper's rule lets pass
        ("nice_ta383", (6.0, 5.0), (4.0, 3.0), "yes"),
        ("nice_ta383", (2.0, 5.0), (1.0, 3.0), "yes"),  # halved, though by less than 2
        ("nice_ta383", (2.0, 5.0), (1.0, 3.1), "no"),
        ("basdai50", (5.0, 5.0), (2.5, 5.0), "yes"),
        ("basdai50", (0.3, 5.0), (0.15, 5.0), "yes"),
        ("basdai50", (5.0, 5.0), (2.6, 5.0), "no"),
    ],
)
def test_a_rule_decides_at_its_cut_off(rule, pre, post, response):
    assert judged(pre, post).loc[rule, "response"] == response


def test_asdas_rules_forgive_binary_fractions_and_keep_their_sides():
    for name, before, after, expected in (
        ("asdas_cii", 2.4, 1.3, True),  # 2.4 - 1.3 is 1.0999999999999999
        ("asdas_cii", 2.4, 1.31, False),
        ("asdas_mi", 4.3, 2.3, True),
        ("asdas_inactive", 4.3, 1.3, False),  # inactive is below 1.3
        ("asdas_inactive", 4.3, 1.2999999999, False),
        ("asdas_inactive", 4.3, 1.29, True),
    ):
        assert RULES[name].met["asdas"](before, after) is expected, (name, before, after)


def test_a_missing_item_leaves_undefined_what_needs_it_and_says_which():
    frame = pd.DataFrame([assessed("A", "pre", 6, 5), assessed("A", "post", 3, 2, crp=np.nan)])
    frame.loc[0, "basdai_q5"] = np.nan
    found = clinical_response(frame, ["A", "B"]).set_index(["subject", "rule"])
    assert found.loc[("A", "paper2023"), "response"] is None
    assert found.loc[("A", "paper2023"), "reason"] == "no basdai_q5 pre"
    assert found.loc[("A", "asdas_inactive"), "reason"] == "no crp_mg_l post"
    assert found.loc[("B", "paper2023"), "reason"] == "no assessment pre; no assessment post"
    by_esr = clinical_response(frame, ["A"], asdas="esr").set_index("rule")
    assert by_esr.loc["asdas_cii", "response"] == "no"  # known: it does not need CRP
    counts = response_counts(found.reset_index()).set_index("rule")
    assert counts.loc["paper2023", ["responders", "n", "undefined"]].tolist() == [0, 0, 2]
    assert np.isnan(counts.loc["paper2023", "share"])


def test_a_basdai_of_0_cannot_be_halved():
    found = judged((0.0, 5.0), (0.0, 1.0))
    assert pd.isna(found.loc["basdai50", "response"])
    assert found.loc["basdai50", "reason"] == "BASDAI 0 pre: cannot be halved"
    assert found.loc["nice_ta383", "response"] == "no"


# Proportions, kappa, McNemar


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_exact_intervals_are_those_of_newcombe_1998(count, n, low, high):
    """Newcombe RG. Stat Med 1998; 17: 857-872, Table I, method 5 (Clopper-Pearson)."""
    share, *interval = proportion(count, n)
    assert share == count / n
    np.testing.assert_allclose(interval, (low, high), atol=5e-5)


def test_kappa_is_that_of_viera_and_garrett_2005():
    """Viera AJ, Garrett JM. Fam Med 2005; 37: 360-363: 15, 5, 10, 70 give an agreement of 0.85 and a kappa of 0.57."""
    found = from_counts(15, 5, 10, 70)
    assert found["agreement"] == pytest.approx(0.85)
    assert round(found["kappa"], 2) == 0.57
    # Fleiss, Cohen and Everitt 1969, written out
    p = np.array([[15, 5], [10, 70]]) / 100
    rows, columns, k = p.sum(1), p.sum(0), found["kappa"]
    chance = rows @ columns
    a = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - k)) ** 2 for i in (0, 1))
    b = (1 - k) ** 2 * sum(p[i, j] * (columns[i] + rows[j]) ** 2 for i in (0, 1) for j in (0, 1) if i != j)
    se = np.sqrt((a + b - (k - chance * (1 - k)) ** 2) / 100) / (1 - chance)
    assert found["kappa_ci_low"] == pytest.approx(k - stats.norm.ppf(0.975) * se, abs=1e-9)


@pytest.mark.parametrize(("counts", "p"), [((1, 1, 7, 12), 0.0703), ((59, 6, 16, 80), 0.0525)])
def test_mcnemar_is_that_of_fagerland_2013(counts, p):
    """Fagerland MW, Lydersen S, Laake P. BMC Med Res Methodol 2013; 13: 91: exact conditional P of 0.070 and 0.052."""
    found = from_counts(*counts)
    assert found["mcnemar_p"] == pytest.approx(p, abs=5e-5)
    assert found["mcnemar_p"] == pytest.approx(stats.binomtest(counts[1], counts[1] + counts[2]).pvalue, abs=1e-12)


def test_what_counts_cannot_give_is_missing():
    assert np.isnan(from_counts(0, 0, 0, 0)["agreement"])
    alike = from_counts(0, 0, 0, 5)
    assert np.isnan(alike["kappa"])
    assert (alike["agreement"], alike["mcnemar_p"]) == (1, 1)
    one_says_yes_only = from_counts(3, 0, 2, 0)
    assert one_says_yes_only["kappa"] == 0
    assert np.isnan(one_says_yes_only["kappa_ci_low"])


def test_undefined_judgements_are_counted_and_left_out():
    a = pd.Series({"A": "yes", "B": "no", "C": None, "D": "yes"})
    b = pd.Series({"A": "yes", "B": "yes", "C": "yes", "D": None})
    found = agreement_of_judgements(a, b)
    assert [found[key] for key in ("n", "undefined", "both", "only_a", "only_b", "neither")] == [2, 2, 1, 0, 1, 0]


# Change


def values(rows):
    return pd.DataFrame(rows, columns=["subject", "session", "reader", "value"])


READ = values(
    [(s, session, reader, v) for s, numbers in {"A": (10, 12, 4, 5), "B": (0, 0, 0, 0), "C": (3, 5, 6, 2)}.items()
     for (session, reader), v in zip([("pre", "R1"), ("pre", "R2"), ("post", "R1"), ("post", "R2")], numbers, strict=True)]
)  # fmt: skip


def test_change_is_post_less_pre_on_the_mean_of_the_readers_and_a_tie_is_no_improvement():
    found = changes(READ, ["R1", "R2"]).set_index(["reader", "subject"])
    assert found.loc["mean", "change"].tolist() == [-6.5, 0, 0]
    assert found.loc["mean", "direction"].tolist() == ["improved", "tie", "tie"]
    assert found.loc[("R1", "C"), "direction"] == "worsened"
    one = changes(READ[READ["reader"] == "R1"], ["R1"])
    assert set(one["reader"]) == {"R1"}


def test_one_session_has_no_change_and_one_reader_no_mean():
    half = READ[(READ["subject"] != "A") | (READ["session"] == "pre")]
    found = changes(half, ["R1", "R2"]).set_index(["reader", "subject"])
    assert np.isnan(found.loc[("mean", "A"), "change"])
    assert pd.isna(found.loc[("mean", "A"), "direction"])
    lacking = READ[(READ["subject"] != "A") | (READ["reader"] == "R1")]
    found = changes(lacking, ["R1", "R2"]).set_index(["reader", "subject"])
    assert found.loc[("mean", "A")].equals(found.loc[("R1", "A")])  # the mean of those who read both visits
    apart = READ[(READ["subject"] != "A") | ((READ["reader"] == "R1") == (READ["session"] == "pre"))]
    alone = changes(apart, ["R1", "R2"]).set_index(["reader", "subject"]).loc[("mean", "A")]
    assert alone["pre"] == found.loc[("R1", "A"), "pre"]
    assert np.isnan(alone["change"])  # by different readers


def test_the_interval_of_the_smallest_detectable_change():
    low, high = chi_squared_interval(10.0, 12, 2)
    assert (low, high) == pytest.approx((7.08, 16.98), abs=5e-3)  # chi-squared of 11: 21.920 and 3.816
    assert np.isnan(chi_squared_interval(10.0, 1, 2)).all()
    rng = np.random.default_rng(21)
    truth, held = 1.96 * 2.0, 0  # SD of a reader's error in change: 2
    for _ in range(1000):
        table = pd.DataFrame(rng.normal(0, 5, (12, 1)) + rng.normal(0, 2, (12, 2)))
        low, high = chi_squared_interval(smallest_detectable_change(table, 1), 12, 2)
        held += low <= truth <= high
    assert 930 <= held <= 970
    assert np.isnan(detectable_interval(table.head(7), 1)).all()
    low, high = detectable_interval(table, 1)
    assert low < smallest_detectable_change(table, 1) < high
    assert detectable_interval(table, 2) == pytest.approx((low / np.sqrt(2), high / np.sqrt(2)))


def test_p_is_below_005_exactly_where_the_interval_leaves_out_0():
    disagreed = np.zeros(2, int)
    for seed in range(400):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(3, 30))
        x = np.round(rng.gamma(1.0, 2.0, n) + rng.choice([-3.0, -2.5, -2.0, -1.0]), int(rng.integers(0, 4)))
        draws = x[rng.integers(0, n, (999, n))].mean(axis=1)
        left_out = np.array([np.delete(x, place).mean() for place in range(n)])
        low, high, p = (float(v[0]) for v in bca_interval(np.array([x.mean()]), draws[None], left_out[None]))
        if np.isnan(low):
            continue
        assert (p < 0.05) == (low > 0 or high < 0), (seed, low, high, p)
        disagreed[int(p < 0.05)] += 1
    assert disagreed.min() > 50  # both happen


def test_the_smallest_detectable_change_is_that_of_the_difference():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(0, 5, (12, 2)))
    sd = (table[0] - table[1]).std(ddof=1)
    assert smallest_detectable_change(table, 2) == pytest.approx(1.96 * sd / (np.sqrt(2) * np.sqrt(2)), rel=1e-12)
    assert smallest_detectable_change(table, 1) == pytest.approx(1.96 * sd / np.sqrt(2), rel=1e-12)
    assert smallest_detectable_change(table.assign(**{"1": table[0]})[[0, "1"]], 2) == 0  # identical readers
    assert np.isnan(smallest_detectable_change(table[[0]], 1))
    assert np.isnan(smallest_detectable_change(table.head(1), 2))


def test_response_means_and_their_intervals_are_those_of_scipy_on_the_same_resamples():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.gamma(2, 10, (29, 4)), columns=pd.MultiIndex.from_product([["V", "S"], ["pre", "post"]]))
    found = pd.DataFrame(response_means(frame, 4000, np.random.default_rng(7), "S")).set_index(["statistic", "measure"])
    columns = tuple(frame[key].to_numpy() for key in frame)

    def srm(pre, post, axis):
        return (post - pre).mean(axis=axis) / (post - pre).std(axis=axis, ddof=1)

    cases = {"V": (columns[:2], srm), "V - S": (columns, lambda a, b, c, d, axis: srm(a, b, axis) - srm(c, d, axis))}
    for name, (data, statistic) in cases.items():
        outside = stats.bootstrap(data, statistic, paired=True, n_resamples=4000, rng=np.random.default_rng(7))
        row = found.loc[("srm", name)]
        assert row["estimate"] == pytest.approx(statistic(*data, axis=-1), abs=1e-12)
        np.testing.assert_allclose([row["ci_low"], row["ci_high"]], outside.confidence_interval, atol=1e-6)
    assert found.loc[("effect size", "V"), "estimate"] == pytest.approx(
        (columns[1] - columns[0]).mean() / columns[0].std(ddof=1)
    )


def test_response_means_of_too_few_or_unchanging_subjects_are_missing():
    pair = pd.MultiIndex.from_product([["V"], ["pre", "post"]])
    two = pd.DataFrame(response_means(pd.DataFrame([[3, 1], [5, 4]], columns=pair), 1000, np.random.default_rng(1)))
    assert two["estimate"].notna().all()
    assert two["ci_low"].isna().all()
    zeros = pd.DataFrame(response_means(pd.DataFrame(np.zeros((5, 2)), columns=pair), 1000, np.random.default_rng(1)))
    assert zeros[["estimate", "ci_low"]].isna().all(axis=None)
    none = pd.DataFrame(response_means(pd.DataFrame(columns=pair, dtype=float), 1000, np.random.default_rng(1)))
    assert none["n"].eq(0).all()
    assert none["estimate"].isna().all()
    draws = np.array([[np.nan] * 10 + [1.0] * 90])  # too few resamples have a spread
    assert np.isnan(bca_interval(np.array([1.0]), draws, np.ones((1, 5)))[0][0])


# Who responds by what


def test_the_responder_table_counts_ties_and_undefined_subjects():
    found = pd.concat([changes(READ, ["R1", "R2"]).assign(measure=measure) for measure in ("vhi", "sparcc")])
    limit = found.drop_duplicates(["measure", "reader"])[["measure", "reader"]].assign(smallest_detectable_change=6.5)
    clinical = pd.DataFrame(
        [("A", "paper2023", "yes"), ("B", "paper2023", "no"), ("C", "paper2023", None)],
        columns=["subject", "rule", "response"],
    )
    flags = pd.DataFrame({"subject": ["A", "B", "C"], "flag": ["decrease", "no", "increase"]})
    table = responder_table(judgements(found, limit, flags), clinical, "paper2023")
    primary = table[table["primary"] == "yes"].set_index(["a", "b"])
    assert len(primary) == 3
    counts = ["n", "undefined", "both", "only_a", "only_b", "neither"]
    assert primary.loc[("clinical: paper2023", "vhi"), counts].tolist() == [2, 1, 1, 0, 0, 1]
    assert primary.loc[("vhi", "sparcc"), counts].tolist() == [3, 0, 1, 0, 0, 2]
    paired = table[(table["a"] == "vhi agrees with clinical: paper2023") & (table["reader"] == "mean")]
    assert paired["b"].tolist() == ["sparcc agrees with clinical: paper2023"] * 2  # SPARCC has no error of its own
    assert paired.iloc[0][counts].tolist() == [2, 1, 2, 0, 0, 0]  # both agree on A and B; C is undefined
    detectable = "beyond the smallest detectable change"
    beyond = table[(table["criterion"] == detectable) & (table["reader"] == "mean") & (table["a"] == "vhi")]
    assert beyond["both"].item() == 0  # a fall by exactly that is not beyond it
    by_error = table[(table["criterion"] == "beyond measurement error") & (table["a"] == "clinical: paper2023")]
    assert by_error[["reader", "b", "both", "neither", "undefined"]].values.tolist() == [["mean", "vhi", 1, 1, 1]]
    without = judgements(found, limit.assign(smallest_detectable_change=np.nan), flags)
    without = responder_table(without, clinical, "paper2023")
    assert without.loc[without["criterion"] == detectable, "n"].eq(0).all()


def test_agreement_with_clinical_response_is_compared_within_subjects():
    subjects = [f"s{n}" for n in range(12)]
    judged = pd.DataFrame(
        [(name, "mean", "any improvement", subject, response)
         for name, answers in (("vhi", ["yes"] * 11 + ["no"]), ("sparcc", ["yes"] * 3 + ["no"] * 9))
         for subject, response in zip(subjects, answers, strict=True)],
        columns=["measure", "reader", "criterion", "subject", "response"],
    )  # fmt: skip
    clinical = pd.DataFrame({"subject": subjects, "rule": "paper2023", "response": ["yes"] * 10 + ["no", None]})
    table = responder_table(judged, clinical, "paper2023").set_index("a")
    row = table.loc[table.index == "vhi agrees with clinical: paper2023"].iloc[0]
    # V_HI agrees on s0 to s9, SPARCC on s0 to s2 and s10; s11 is undefined
    assert row[["n", "undefined", "both", "only_a", "only_b", "neither"]].tolist() == [11, 1, 3, 7, 1, 0]
    assert row["mcnemar_p"] == pytest.approx(2 * (1 + 8) / 2**8)  # 1 of 8 discordant subjects, two-sided binomial
    assert row["primary"] == "no"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=3, max_size=8))
def test_any_real_cohort_has_an_even_number_of_disagreements_and_is_found(judgements_):
    clinical, vhi, sparcc = np.array(judgements_).T
    pairs = {"vhi_clinical": (vhi, clinical), "sparcc_clinical": (sparcc, clinical), "vhi_sparcc": (vhi, sparcc)}
    counts = {name: int((a == b).sum()) for name, (a, b) in pairs.items()}
    counts |= {"n": len(clinical), "clinical": int(clinical.sum())}
    assert sum(counts["n"] - counts[pair] for pair in pairs) % 2 == 0
    assert consistent_tables(counts)


def printed_counts():
    claims = pd.read_csv(ROOT / "config" / "paper" / "claims.tsv", sep="\t").set_index("id")["published"]
    return {claim: float(claims[claim]) for claim in NEEDED.values()}


def test_the_published_counts_are_ambiguous():
    found = derivation(printed_counts())
    result = found.set_index("step")["result"]
    assert result.head(5).tolist() == ["14", "11", "10", "35, odd: impossible", "0"]
    supposed = found[found["statement"].str.startswith("supposing")].set_index("statement")["result"]
    assert [("does not respond" in statement, count) for statement, count in supposed.items()] == [
        (False, "4"),
        (True, "0"),
    ]
    assert found["result"].iloc[-1] == "ambiguous: resolved by one excluded tie"
    assert "19" not in found.loc[found["statement"].str.contains("vhi sparcc agreement"), "result"].item().split(", ")


def test_the_tables_that_fit_have_every_printed_count_and_one_excluded_tie():
    """Counted anew from the rows of each table, not by the enumeration."""
    printed = printed_counts()
    found = possible_tables(printed)
    assert found["table"].nunique() == 4
    for _, table in found.groupby("table"):
        cells = table.set_index(["clinical", "vhi"])[["sparcc_yes", "sparcc_no", "sparcc_no_change"]]
        assert cells.to_numpy().sum() == 29
        assert cells.loc[("no", "yes"), "sparcc_no_change"] == cells["sparcc_no_change"].sum() == 1
        responders, others = cells.loc["yes"], cells.loc["no"]
        assert responders.to_numpy().sum() == printed["clinical_responders"]
        assert responders.loc["yes"].sum() == printed["vhi_true_responders"]
        assert responders["sparcc_yes"].sum() == printed["sparcc_true_responders"]
        assert others.loc["no"].sum() == printed["vhi_true_nonresponders"]
        assert others["sparcc_no"].sum() == printed["sparcc_true_nonresponders"]
        assert others[["sparcc_yes", "sparcc_no"]].to_numpy().sum() == 12  # of whom six
        by_vhi = cells.groupby("vhi").sum()
        assert by_vhi.loc["yes", "sparcc_yes"] + by_vhi.loc["no", "sparcc_no"] == printed["vhi_sparcc_agreement"]
    assert possible_tables(printed | {"vhi_sparcc_agreement": 1}).empty


def test_counts_of_real_judgements_are_called_consistent():
    possible = printed_counts() | {"vhi_sparcc_agreement": 20}
    assert derivation(possible)["result"].iloc[-1] == "consistent"


# Change on change

ANSCOMBE_X = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5])
ANSCOMBE_3 = np.array([7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73])


def test_regression_is_that_of_anscombe_1973_and_of_scipy():
    """Anscombe FJ. Am Stat 1973; 27: 17-21: slope 0.5, intercept 3.0, R2 0.67, whatever the outlier."""
    found = regress(ANSCOMBE_X, ANSCOMBE_3)
    assert (round(found["slope"], 1), round(found["intercept"], 1), round(found["r2"], 2)) == (0.5, 3.0, 0.67)
    outside = stats.linregress(ANSCOMBE_X, ANSCOMBE_3)
    half = stats.t.ppf(0.975, 9) * outside.stderr
    np.testing.assert_allclose(
        [found[key] for key in ("slope", "slope_p", "slope_ci_low", "intercept")],
        [outside.slope, outside.pvalue, outside.slope - half, outside.intercept],
        atol=1e-9,
    )
    slopes = [(ANSCOMBE_3[j] - ANSCOMBE_3[i]) / (ANSCOMBE_X[j] - ANSCOMBE_X[i]) for i in range(11) for j in range(i)]
    assert found["theil_sen_slope"] == pytest.approx(np.median(slopes), abs=1e-12)
    assert found["theil_sen_slope"] < 0.36  # the outlier does not carry it


def test_influence_finds_the_point_that_carries_the_line():
    table = influence([f"s{n}" for n in range(11)], ANSCOMBE_X, ANSCOMBE_3)
    assert table.loc[0, ["subject", "influential"]].tolist() == ["s2", "yes"]
    # Cook's distance by its definition: how far all fitted values move without the point
    keep = np.arange(11) != 2
    without, full = np.polyfit(ANSCOMBE_X[keep], ANSCOMBE_3[keep], 1), np.polyfit(ANSCOMBE_X, ANSCOMBE_3, 1)
    moved = np.polyval(full, ANSCOMBE_X) - np.polyval(without, ANSCOMBE_X)
    mse = ((ANSCOMBE_3 - np.polyval(full, ANSCOMBE_X)) ** 2).sum() / 9
    assert table.loc[0, "cook"] == pytest.approx((moved**2).sum() / (2 * mse), rel=1e-9)
    assert table.loc[0, "slope_without"] == pytest.approx(without[0], abs=1e-9)


def test_regression_of_too_little_is_missing():
    assert np.isnan(regress([1, 2], [1, 2])["slope"])
    assert np.isnan(regress([1, 1, 1], [1, 2, 3])["slope"])
    assert regress([1, 2, np.nan, 3], [1, 2, 3, 5])["n"] == 3
    flat = regress([1, 2, 3, 4], [0, 0, 0, 0])  # all-zero V_HI
    assert flat["slope"] == 0
    assert np.isnan(flat["r2"])
    assert influence(list("abc"), [1, 2, 3], [1, 2, 3]).empty


# Failure analysis


def readings_of(first, second, sessions=("pre", "post")):
    rows = [
        (f"s{n}", f"P{n // 2}", sessions[n % 2], reader, value)
        for n, pair in enumerate(zip(first, second, strict=True))
        for reader, value in zip(("R1", "R2"), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["scan", "subject", "session", "reader", "value"]).astype({"value": float})


def test_none_of_the_published_scans_is_discrepant():
    table = pd.read_csv(ROOT / "config" / "paper" / "readings.tsv", sep="\t").dropna(subset=["vhi_voxels"])
    table = table.assign(
        scan=table["scan"].astype(str), subject=table["scan"], session="pre", value=table["vhi_voxels"]
    )
    found = differences(table, ["R1", "R2"])
    assert len(found) == 8
    assert set(found["discrepant"]) == {"no"}
    assert found["sd"].iloc[0] == pytest.approx(898.86, abs=0.01)
    assert found["in_sd"].abs().max() == pytest.approx(1.9436, abs=1e-4)


def test_a_discrepant_scan_gets_a_row_of_the_sheet_and_is_tallied():
    found = differences(readings_of([10, 20, 30, 40, 50, 60, 70, 200], [11, 19, 31, 39, 51, 59, 71, 100]), ["R1", "R2"])
    assert found.loc[found["discrepant"] == "yes", "scan"].tolist() == ["s7"]
    empty = pd.DataFrame(columns=["scan", "readers", "kind", "note", "classified_by"])
    assert sheet(found, empty)["kind"].isna().all()
    filled = pd.DataFrame(
        [("s7", "R1-R2", "anatomical", "posterior ilium", "R1"), ("s0", "R1-R2", "artefact", None, None)],
        columns=empty.columns,
    )
    with pytest.raises(InputError, match="unknown pair 'R2-R1'; expected"):
        sheet(found, filled.assign(readers="R2-R1"))
    judged_ = sheet(found, filled).assign(true_kind="morphological")
    counts = tally(found, judged_).set_index("kind")
    assert counts.loc[["discrepant", "anatomical", "artefact", "not classified"], "scans"].tolist() == [1, 1, 0, 0]
    assert counts.loc["morphological", "true_scans"] == 1
    assert counts.loc["discrepant", "of"] == 8


def test_identical_readers_and_few_scans_have_no_discrepancy():
    assert set(differences(readings_of([1, 2, 3], [1, 2, 3]), ["R1", "R2"])["discrepant"]) == {"no"}
    assert set(differences(readings_of([1, 90], [1, 2]), ["R1", "R2"])["discrepant"]) == {"no"}
    assert differences(readings_of([1, 90], [1, 2]).query("reader == 'R1'"), ["R1", "R2"]).empty
    assert (
        len(
            tally(
                differences(readings_of([1, 2, 3], [1, 2, 3]), ["R1", "R2"]),
                pd.DataFrame(columns=["readers", "kind", "true_kind"]),
            )
        )
        == 5
    )


def test_the_true_cause_is_that_of_the_voxels_in_dispute():
    first, second, reason = (np.zeros((2, 3, 3), int) for _ in range(3))
    first[0, 0] = 1
    first[1, 0, 0] = second[1, 0, 0] = 1
    second[0, 2, 0] = 1
    reason[0, 0] = 2
    found = true_causes(
        first > 0, second > 0, reason, {"marrow": "artefact", "vessel": "morphological"}, {0: "marrow", 2: "vessel"}
    )
    assert found.to_numpy().tolist() == [["vessel", "morphological", 3, 0], ["marrow", "artefact", 0, 1]]
    assert main_kind(found) == "morphological"
    assert main_kind(found.head(0)) is None
    assert discrepant_slices(first > 0, second > 0, 4) == [0]
    assert discrepant_slices(first > 0, first > 0, 4) == []
