"""Tables of overlap: medians with intervals, paired tests, readings against composites (paper, section 2.7.1)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from vhi.cleaning.readings import ABOUT
from vhi.statistics.bootstrap import median_interval
from vhi.statistics.overlap import composite, dice

MEDIANS = [
    "method",
    "a",
    "b",
    "source",
    "n",
    "n_subjects",
    "median",
    "ci_low",
    "ci_high",
    "minimum",
    "maximum",
    "empty",
]
TESTS = [
    *("a", "b", "against_method", "against_a", "against_b", "source", "against_source", "n", "n_subjects"),
    *("median_difference", "ci_low", "ci_high", "wilcoxon", "p", "p_holm"),
]
COMPOSITE = [*ABOUT, "composite", "composite_of", "vhi_voxels", "composite_voxels", "dice", "source"]


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
    for key, group in overlap.assign(dice=overlap["dice"].astype(float)).groupby(MEDIANS[:4], sort=False):
        known = group.dropna(subset=["dice"])
        empty = int((group["dice"].isna() & group["volume_similarity"].isna()).sum())
        if known.empty and not (empty and key[3] == "masks"):
            continue
        low, high = median_interval(known["dice"], known["subject"], draws, seed)
        found = {"n": len(known), "n_subjects": known["subject"].nunique(), "median": known["dice"].median()}
        found |= {"ci_low": low, "ci_high": high, "minimum": known["dice"].min(), "maximum": known["dice"].max()}
        rows.append(dict(zip(MEDIANS, key, strict=False)) | found | {"empty": empty})
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
    others = known[(known["method"] == "manual") & (known["b"] != "preliminary")]
    machine = known[(known["method"] == "semiautomatic") & (known["b"] == "preliminary")]
    rows = []
    for (a, b), ours in cleaned.groupby(["a", "b"], sort=False):
        for (method, other_a, other_b), theirs in pd.concat([others, machine]).groupby(
            ["method", "a", "b"], sort=False
        ):
            both = ours.merge(theirs, on=["scan", "subject"], suffixes=("", "_other"))
            difference = (both["dice"] - both["dice_other"]).to_numpy()
            low, high = median_interval(difference, both["subject"], draws, seed)
            about = {"a": a, "b": b, "against_method": method, "against_a": other_a, "against_b": other_b}
            about |= {key: ", ".join(dict.fromkeys(both[key])) for key in ("source", "source_other")} | {"n": len(both)}
            about["against_source"] = about.pop("source_other")
            about |= {"n_subjects": both["subject"].nunique(), "ci_low": low, "ci_high": high}
            about["median_difference"] = float(np.median(difference)) if len(both) else float("nan")
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
        return float("nan"), float("nan")
    if not differences.any():
        return 0.0, 1.0
    found = stats.wilcoxon(differences)
    return float(found.statistic), float(found.pvalue)


def composite_rows(of_scan: Sequence[dict], votes: int) -> list[dict]:
    """Set each reading of a scan against the composite references.

    Parameters
    ----------
    of_scan : sequence of dict
        From `vhi.cleaning.readings.readings_by_scan`.
    votes : int
        That a voxel needs.

    Returns
    -------
    list of dict
        By `COMPOSITE`. Composite ``manual``: of all manual trials (Results, Fig 5). ``mixed``: of two manual and two
        semi-automatic segmentations (section 2.7.1); its rows say ``not public`` where the cleaned masks are not at hand.
        ``others``: each manual trial against the majority of the other manual trials, so that no trial is scored against a
        composite in which it voted. None of a composite with fewer trials than votes.
    """
    manual = [row for row in of_scan if row["method"] == "manual"]
    # ASSUME section 2.7.1 does not say which two manual trials: the first of each reader, beside their first cleanings.
    first = [row for row in of_scan if row["trial"] == 1]
    rows = []
    for name, voters in (("manual", manual), ("mixed", first)):
        methods = [row["method"] for row in voters]
        if len(voters) < votes or (name == "mixed" and len(set(methods)) < 2):
            continue
        known = all(row["mask"] is not None for row in voters)
        reference = composite([row["mask"] for row in voters], votes) if known else None
        of = f"{methods.count('manual')} manual, {methods.count('semiautomatic')} semi-automatic trials, {votes} votes"
        for row in of_scan:
            has_mask = row["mask"] is not None
            rows.append(
                {column: row[column] for column in ABOUT}
                | {"composite": name, "composite_of": of, "vhi_voxels": row["voxels"]}
                | {"composite_voxels": int(np.count_nonzero(reference)) if known else None}
                | {"dice": dice(row["mask"], reference) if known and has_mask else None}
                | {"source": ("mask" if has_mask else "published count") if known else "not public"}
            )
    return rows + _against_others(manual, votes)


def _against_others(manual: Sequence[dict], fewest: int) -> list[dict]:
    rows = []
    for place, row in enumerate(manual):
        others = [other["mask"] for other in [*manual[:place], *manual[place + 1 :]]]
        if len(others) < fewest or any(mask is None for mask in [row["mask"], *others]):
            continue
        # ASSUME more than half of the others, two of three; the paper scores trials against composites they voted in.
        votes = len(others) // 2 + 1
        reference = composite(others, votes)
        rows.append(
            {column: row[column] for column in ABOUT}
            | {"composite": "others", "composite_of": f"{len(others)} other manual trials, {votes} votes"}
            | {"vhi_voxels": row["voxels"], "composite_voxels": int(np.count_nonzero(reference))}
            | {"dice": dice(row["mask"], reference), "source": "mask"}
        )
    return rows
