"""The log of every evaluation on test scans. Results may be deleted; what was looked at cannot be unseen, so rows are only added."""

import csv
import fcntl
import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from vhi.io.errors import InputError
from vhi.io.hashes import sha256

COLUMNS = (
    *("evaluation", "date", "results", "networks", "subjects", "protocol", "steps", "members", "members_sha256"),
    *("slices", "mean_dice", "min_dice", "max_dice", "mean_dice_averaged", "averaged"),
)


def evaluation(
    table: pd.DataFrame,
    weights: Sequence[str],
    *,
    results: str,
    networks: str,
    subjects: Sequence[str],
    protocol: str,
    steps: int,
    averaged: str,
) -> dict:
    """Describe one evaluation on test scans.

    Parameters
    ----------
    table : DataFrame
        Dice per slice, ``dice dice_averaged``.
    weights : sequence of str
        Files of the networks.
    results : str
        Name of the results folder: study and variant.
    networks : {"ensemble", "leave_one_out"}
        What was evaluated: networks trained on the training scans, or one trained on all subjects but one.
    subjects : sequence of str
        Whose scans were looked at.
    protocol : str
    steps : int
        Of a training.
    averaged : str
        What else was averaged (`vhi.region.protocols.averaging_in_words`).

    Returns
    -------
    dict
        By `COLUMNS`, without the number.
    """
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "results": results,
        "networks": networks,
        "subjects": " ".join(subjects),
        "protocol": protocol,
        "steps": steps,
        "members": len(weights),
        "members_sha256": sha256(b"".join(Path(path).read_bytes() for path in weights))[:16],
        "slices": len(table),
        "mean_dice": table["dice"].mean(),
        "min_dice": table["dice"].min(),
        "max_dice": table["dice"].max(),
        "mean_dice_averaged": table["dice_averaged"].mean(),
        "averaged": averaged,
    }


def log_evaluation(path: str | Path, row: dict) -> None:
    """Add an evaluation to the log and number it; jobs that end at the same time wait for each other.

    Parameters
    ----------
    path : str or Path
        The log; made with its folder where it is missing.
    row : dict
        From `evaluation`.

    Raises
    ------
    InputError
        Where the file has other columns; nothing is then added.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8", newline="") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        before = list(csv.reader(file, delimiter="\t"))
        if before and tuple(before[0]) != COLUMNS:
            raise InputError(
                f"{path}, row 1: expected the columns {', '.join(COLUMNS)}, found {', '.join(before[0])}; move the file "
                "elsewhere and keep it: it says what was evaluated on the test scans"
            )
        lines = io.StringIO()
        writer = csv.DictWriter(lines, COLUMNS, delimiter="\t", lineterminator="\n")
        if not before:
            writer.writeheader()
        writer.writerow({"evaluation": max(len(before), 1)} | row)
        file.write(lines.getvalue())
        file.flush()
        os.fsync(file.fileno())
