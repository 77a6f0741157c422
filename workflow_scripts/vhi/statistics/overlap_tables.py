"""Tables of overlap: medians with intervals and paired tests (paper, section 2.7.1)."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from vhi.statistics.estimates import NAN, UNKNOWN, ends
from vhi.statistics.medians import median_interval, reason_without_interval, sign_test

ABOUT_PAIR = ["method", "a", "b", "source"]
MEDIANS = [*ABOUT_PAIR, "n", "n_subjects", "median", "ci_low", "ci_high", "minimum", "maximum", "empty", "note"]
GAIN = [
    *("primary", "a", "b", "against", "n", "n_subjects"),
    *("median_difference", "ci_low", "ci_high", "sign_p", "note"),
]
TESTS = [
    *("a", "b", "against_method", "against_a", "against_b", "source", "against_source", "n", "n_subjects"),
    *("median_difference", "ci_low", "ci_high", "sign_p", "wilcoxon", "p", "p_holm", "note"),
]


def medians_table(overlap: pd.DataFrame) -> pd.DataFrame:
    """Summarise the Dice scores of each pair of readings over scans.

    Parameters
    ----------
    overlap : DataFrame
        ``scan subject a b method dice source``.

    Returns
    -------
    DataFrame
        By `MEDIANS`; intervals by the clustered sign test; `empty` counts scans in which both masks are empty, which have no
        Dice score.
    """
    rows = []
    for key, group in overlap.assign(dice=overlap["dice"].astype(float)).groupby(ABOUT_PAIR, sort=False):
        known = group.dropna(subset=["dice"])
        empty = int((group["dice"].isna() & group["volume_similarity"].isna()).sum())
        if known.empty and not (empty and key[3] == "masks"):
            continue
        scores = known["dice"]
        found = {"n": len(known), "n_subjects": known["subject"].nunique(), "median": scores.median()}
        found |= ends(median_interval(scores, known["subject"]))
        found |= {"minimum": scores.min(), "maximum": scores.max(), "empty": empty}
        found["note"] = reason_without_interval(found["n_subjects"])
        rows.append(dict(zip(ABOUT_PAIR, key, strict=True)) | found)
    return pd.DataFrame(rows, columns=MEDIANS)


def paired_tests(overlap: pd.DataFrame) -> pd.DataFrame:
    """Test the Dice scores between cleaned readings against those of every other pair, paired by scan.

    Against: manual pairs, within and between readers, and each reader's cleaned mask against the preliminary
    segmentation (section 3.3). Wilcoxon's signed-rank test, two-sided, exact up to 50 pairs without ties; P adjusted by
    Holm over all tests of one cleaned pair's table.

    Returns
    -------
    DataFrame
        By `TESTS`; the median of the paired differences with the interval and P (``sign_p``) of the clustered sign test. P is
        1 where all differences are 0, NaN without pairs. No rows without cleaned pairs.
    """
    known = _known(overlap)
    cleaned = _cleaned_pairs(known)
    of_machine = known["b"] == "preliminary"
    others = (known["method"] == "manual") & ~of_machine, (known["method"] == "semiautomatic") & of_machine
    against = pd.concat([known[chosen] for chosen in others])
    rows = []
    for (a, b), ours in cleaned.groupby(["a", "b"], sort=False):
        for (method, other_a, other_b), theirs in against.groupby(["method", "a", "b"], sort=False):
            both = ours.merge(theirs, on=["scan", "subject"], suffixes=("", "_other"))
            difference = (both["dice"] - both["dice_other"]).to_numpy()
            about = {"a": a, "b": b, "against_method": method, "against_a": other_a, "against_b": other_b}
            for column, of in (("source", "source"), ("against_source", "source_other")):
                about[column] = ", ".join(dict.fromkeys(both[of]))
            about |= {"n": len(both), "n_subjects": both["subject"].nunique()}
            about |= _median_of(difference, both["subject"])
            rows.append(about | dict(zip(("wilcoxon", "p"), signed_rank(difference), strict=True)))
    table = pd.DataFrame(rows, columns=TESTS)
    tested = table["p"].notna()
    if tested.any():
        table.loc[tested, "p_holm"] = multipletests(table.loc[tested, "p"].astype(float), method="holm")[1]
    return table


def _known(overlap):
    return overlap.assign(dice=overlap["dice"].astype(float)).dropna(subset=["dice"])


def _cleaned_pairs(known):
    first = known["a"].str.endswith(".1") & known["b"].str.endswith(".1")
    return known[(known["method"] == "semiautomatic") & (known["b"] != "preliminary") & first]


def _median_of(difference, subjects):
    about = {"median_difference": float(np.median(difference)) if len(difference) else NAN}
    about |= ends(median_interval(difference, subjects)) | {"sign_p": sign_test(difference, subjects)}
    return about | {"note": reason_without_interval(subjects.nunique())}


def gain_table(overlap: pd.DataFrame) -> pd.DataFrame:
    """Give one contrast per scan: Dice of two readers after cleaning less the mean Dice of their manual segmentations.

    Parameters
    ----------
    overlap : DataFrame
        ``scan subject a b method dice``.

    Returns
    -------
    DataFrame
        By `GAIN`; of the manual pairs, those between the same two readers. The first row is declared primary. One test,
        so that nothing is adjusted.
    """
    known, rows = _known(overlap), []
    of_reader = {side: known[side].str.rsplit(".", n=1).str[0] for side in "ab"}
    for (a, b), ours in _cleaned_pairs(known).groupby(["a", "b"], sort=False):
        readers = {name.rsplit(".", 1)[0] for name in (a, b)}
        same = of_reader["a"].isin(readers) & of_reader["b"].isin(readers) & (of_reader["a"] != of_reader["b"])
        manual = known[(known["method"] == "manual") & same]
        both = ours.merge(manual.groupby("scan")["dice"].mean().rename("manual"), on="scan")
        pairs = len(manual[["a", "b"]].drop_duplicates())
        about = {"primary": "no" if rows else "yes", "a": a, "b": b, "against": f"mean of {pairs} manual pairs"}
        about |= {"n": len(both), "n_subjects": both["subject"].nunique()}
        rows.append(about | _median_of((both["dice"] - both["manual"]).to_numpy(), both["subject"]))
    return pd.DataFrame(rows, columns=GAIN)


def signed_rank(differences: np.ndarray) -> tuple[float, float]:
    """Wilcoxon's signed-rank statistic and two-sided P; (0, 1) where all differences are 0, NaN without any."""
    differences = np.asarray(differences, float)
    if differences.size == 0:
        return UNKNOWN
    if not differences.any():
        return 0.0, 1.0
    found = stats.wilcoxon(differences)
    return float(found.statistic), float(found.pvalue)
