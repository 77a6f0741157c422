"""How well a predicted Dice finds failures, and what readers say of the regions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from vhi.io.errors import InputError
from vhi.region.quality import fit, predicted_dice


def predict_unseen(table: pd.DataFrame, drawn: pd.DataFrame) -> pd.Series:
    """Predict every row's Dice with a model that has seen neither its subject nor its kind of failure.

    Parameters
    ----------
    table, drawn : DataFrame
        As for `fit`, with a column ``subject``; the kind is ``version`` in `table`. Where all rows are of one kind, the
        subject alone is left out.

    Returns
    -------
    Series
        Predicted Dice, indexed as `table`.

    Raises
    ------
    InputError
        Where there are fewer than two subjects.
    """
    subjects = list(dict.fromkeys(table["subject"]))
    if len(subjects) < 2:
        raise InputError(f"predicted Dice: expected annotated scans of at least 2 subjects, found {len(subjects)}")
    one_kind = table["version"].nunique() == 1
    predicted = pd.Series(np.nan, table.index)
    for (subject, version), rows in table.groupby(["subject", "version"]):
        others = table[(table["subject"] != subject) & ((table["version"] != version) | one_kind)]
        predicted[rows.index] = predicted_dice(fit(others, drawn[drawn["subject"] != subject]), rows)
    return predicted


def judge(dice_scores: Sequence[float], predicted: Sequence[float], flag_below: float) -> dict[str, float]:
    """Measure how well a predicted Dice finds the scans to review.

    Parameters
    ----------
    dice_scores, predicted : sequence of float
    flag_below : float
        A region is a failure where its Dice lies below, and is flagged where its predicted Dice does.

    Returns
    -------
    dict
        ``n``, ``mean_dice``, ``mean_absolute_error``, ``spearman``, and the counts ``failures``, ``failures_flagged``, ``good``,
        ``good_flagged``.
    """
    true, guess = np.asarray(dice_scores, float), np.asarray(predicted, float)
    failed, flagged = true < flag_below, guess < flag_below
    varied = len(true) > 2 and np.ptp(true) > 0 and np.ptp(guess) > 0
    return {
        "n": len(true),
        "mean_dice": float(true.mean()),
        "mean_absolute_error": float(np.abs(true - guess).mean()),
        "spearman": float(stats.spearmanr(true, guess).statistic) if varied else float("nan"),
        "failures": int(failed.sum()),
        "failures_flagged": int((failed & flagged).sum()),
        "good": int((~failed).sum()),
        "good_flagged": int((~failed & flagged).sum()),
    }


def tally_review(review: pd.DataFrame, quality: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """Count how the regions were rated by eye: of scans, and of subjects by the worse of their scans.

    Parameters
    ----------
    review : DataFrame
        Columns ``scan rating``; rating is ``satisfactory``, ``minor`` (correction needed) or ``failed``, or missing.
    quality : DataFrame
        Columns ``scan look_at_it``.
    subjects : DataFrame
        Columns ``scan subject``.

    Returns
    -------
    DataFrame
        ``rating scans subjects scans_flagged``, one row per rating, those not yet rated, and the two ratings of the paper:
        satisfactory (our satisfactory and minor) or not (our failed).

    References
    ----------
    .. [1] Paper, section 3.1: 16 of 19 subjects perfect or subject to minor corrections, 3 failed.
    """
    ratings = ["satisfactory", "minor", "failed", "not rated"]
    table = review.merge(subjects, on="scan").merge(quality[["scan", "look_at_it"]], on="scan", how="left")
    grade = table["rating"].fillna("not rated").map(ratings.index)
    # ASSUME a subject is as good as the worse of its scans: the paper rates 38 scans and counts 19 subjects.
    worst = grade.where(grade < 3).groupby(table["subject"]).max().fillna(3)
    flagged = grade[table["look_at_it"].fillna(False).astype(bool)]
    groups = {name: [place] for place, name in enumerate(ratings)}
    groups |= {"paper: satisfactory": [0, 1], "paper: not satisfactory": [2]}
    return pd.DataFrame(
        [(name, *(of.isin(grades).sum() for of in (grade, worst, flagged))) for name, grades in groups.items()],
        columns=["rating", "scans", "subjects", "scans_flagged"],
    )
