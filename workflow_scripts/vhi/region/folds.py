"""Partition of the training subjects for cross-validation (paper, section 2.5.3)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vhi.io.errors import InputError


def make_folds(subjects: Sequence[str], folds: int = 4, seed: int = 0) -> pd.DataFrame:
    """Share out the subjects at random, each in the validation part of one fold and in the training part of the others.

    "At subject level to avoid any contamination": one subject's slices, of all sessions, never stand on both sides.

    Parameters
    ----------
    subjects : sequence of str
        Training subjects, in any order; 8 of them in the paper.
    folds : int
        4 in the paper: 6 subjects to train, 2 to validate.
    seed : int
        The members of the published folds are not known.

    Returns
    -------
    DataFrame
        Columns fold (from 1), subject, part ('train' or 'validation'); one row for each fold and subject.

    Raises
    ------
    InputError
        Where a subject is named twice or there are fewer subjects than folds.
    """
    if twice := sorted({subject for subject in subjects if list(subjects).count(subject) > 1}):
        raise InputError(f"folds: expected each training subject once, found {', '.join(twice)} more than once")
    if not 2 <= folds <= len(subjects):
        raise InputError(f"folds: expected 2 to {len(subjects)} folds for {len(subjects)} subjects, found {folds}")
    shuffled = np.random.default_rng(seed).permutation(sorted(subjects))
    return pd.DataFrame(
        [
            (fold, str(subject), "validation" if place % folds == fold - 1 else "train")
            for fold in range(1, folds + 1)
            for place, subject in enumerate(shuffled)
        ],
        columns=["fold", "subject", "part"],
    ).sort_values(["fold", "part", "subject"], ignore_index=True)


def compare_settings(scores: pd.DataFrame, full_steps: int | None = None) -> pd.DataFrame:
    """Compare settings over the folds of a cross-validation, best first.

    Parameters
    ----------
    scores : DataFrame
        One row per setting, length and validation slice: ``setting steps fold dice dice_averaged``.
    full_steps : int, optional
        Steps that the protocol asks for; given, the trainings were truncated and every row says so.

    Returns
    -------
    DataFrame
        ``setting steps folds slices mean_dice sd_of_folds lowest_fold highest_fold mean_dice_averaged selected note``. The
        mean is over slices, as the paper's; the spread is that of the folds' means. The setting with the highest mean is
        selected, among equals the shorter training.
    """
    by_fold = scores.groupby(["setting", "steps", "fold"])["dice"].mean()
    spread = by_fold.groupby(["setting", "steps"]).agg(
        folds="count", sd_of_folds="std", lowest_fold="min", highest_fold="max"
    )
    means = scores.groupby(["setting", "steps"]).agg(
        slices=("dice", "count"),
        mean_dice=("dice", "mean"),
        mean_dice_averaged=("dice_averaged", "mean"),
    )
    table = (
        means.join(spread).reset_index().sort_values(["mean_dice", "steps"], ascending=[False, True], ignore_index=True)
    )
    table["selected"] = table.index == 0
    table["note"] = f"truncated at {table['steps'].max()} of {full_steps:,} steps" if full_steps else ""
    columns = ["setting", "steps", "folds", "slices", "mean_dice", "sd_of_folds", "lowest_fold", "highest_fold"]
    return table[[*columns, "mean_dice_averaged", "selected", "note"]]


def left_out_table(scores: pd.DataFrame, full_steps: int) -> pd.DataFrame:
    """Dice of each subject by the network that was trained without it.

    Parameters
    ----------
    scores : DataFrame
        One row per slice: ``setting subject role steps slice dice dice_averaged``.
    full_steps : int
        Steps that the protocol asks for; rows of fewer say so.

    Returns
    -------
    DataFrame
        ``subject role slices mean_dice lowest_slice mean_dice_averaged setting steps note``, a row per subject, the
        last over all slices of all subjects.
    """

    def row(subject, role, rows):
        steps = rows["steps"].iloc[0]
        return {
            "subject": subject,
            "role": role,
            "slices": rows["dice"].count(),
            "mean_dice": rows["dice"].mean(),
            "lowest_slice": rows["dice"].min(),
            "mean_dice_averaged": rows["dice_averaged"].mean(),
            "setting": rows["setting"].iloc[0],
            "steps": steps,
            "note": f"shorter recipe: {steps:,} of {full_steps:,} steps" if steps < full_steps else "",
        }

    subjects = [row(subject, rows["role"].iloc[0], rows) for subject, rows in scores.groupby("subject")]
    return pd.DataFrame([*subjects, row("all", "", scores)])
