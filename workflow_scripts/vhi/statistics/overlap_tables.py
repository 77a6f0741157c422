"""Tables of overlap: medians with intervals and paired tests (paper, section 2.7.1)."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from vhi.statistics.bootstrap import median_interval
from vhi.statistics.estimates import UNKNOWN, ends

ABOUT_PAIR = ["method", "a", "b", "source"]
MEDIANS = [*ABOUT_PAIR, "n", "n_subjects", "median", "ci_low", "ci_high", "minimum", "maximum", "empty"]
TESTS = [
    *("a", "b", "against_method", "against_a", "against_b", "source", "against_source", "n", "n_subjects"),
    *("median_difference", "ci_low", "ci_high", "wilcoxon", "p", "p_holm"),
]


def medians_table(overlap: pd.DataFrame, draws: int = 10_000, seed: int = 2023) -> pd.DataFrame:
    """Summarise the Dice scores of each pair of readings over scans.

    Parameters
    ----------
    overlap : DataFrame
        ``scan subject a b method dice source``.
    draws, seed : int
        Of the bootstrap over subjects.

    Returns
    -------
    DataFrame
        By `MEDIANS`; `empty` counts scans in which both masks are empty, which have no Dice score.
    """
    rows = []
    for key, group in overlap.assign(dice=overlap["dice"].astype(float)).groupby(ABOUT_PAIR, sort=False):
        known = group.dropna(subset=["dice"])
        empty = int((group["dice"].isna() & group["volume_similarity"].isna()).sum())
        if known.empty and not (empty and key[3] == "masks"):
            continue
        scores = known["dice"]
        found = {"n": len(known), "n_subjects": known["subject"].nunique(), "median": scores.median()}
        found |= ends(median_interval(scores, known["subject"], draws, seed))
        found |= {"minimum": scores.min(), "maximum": scores.max(), "empty": empty}
        rows.append(dict(zip(ABOUT_PAIR, key, strict=True)) | found)
    return pd.DataFrame(rows, columns=MEDIANS)


def paired_tests(overlap: pd.DataFrame, draws: int = 10_000, seed: int = 2023) -> pd.DataFrame:
    """Test the Dice scores between cleaned readings against those of every other pair, paired by scan.

    Against: manual pairs, within and between readers, and each reader's cleaned mask against the preliminary
    segmentation (section 3.3). Wilcoxon's signed-rank test, two-sided, exact up to 50 pairs without ties; P adjusted by
    Holm over all tests of one cleaned pair's table.

    Returns
    -------
    DataFrame
        By `TESTS`; the median of the paired differences with its bootstrap interval. P is 1 where all differences are 0, NaN
        without pairs. No rows without cleaned pairs.
    """
    known = overlap.assign(dice=overlap["dice"].astype(float)).dropna(subset=["dice"])
    first = known["a"].str.endswith(".1") & known["b"].str.endswith(".1")
    cleaned = known[(known["method"] == "semiautomatic") & (known["b"] != "preliminary") & first]
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
            about["median_difference"] = float(np.median(difference)) if len(both) else float("nan")
            about |= ends(median_interval(difference, both["subject"], draws, seed))
            rows.append(about | dict(zip(("wilcoxon", "p"), signed_rank(difference), strict=True)))
    table = pd.DataFrame(rows, columns=TESTS)
    tested = table["p"].notna()
    if tested.any():
        table.loc[tested, "p_holm"] = multipletests(table.loc[tested, "p"].astype(float), method="holm")[1]
    return table


def signed_rank(differences: np.ndarray) -> tuple[float, float]:
    """Wilcoxon's signed-rank statistic and two-sided P; (0, 1) where all differences are 0, NaN without any."""
    differences = np.asarray(differences, float)
    if differences.size == 0:
        return UNKNOWN
    if not differences.any():
        return 0.0, 1.0
    found = stats.wilcoxon(differences)
    return float(found.statistic), float(found.pvalue)
