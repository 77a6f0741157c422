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


def log_evaluation(
    path: str | Path, table: pd.DataFrame, weights: Sequence[str], *, subjects: Sequence[str], **about: object
) -> None:
    """Add an evaluation to the log and number it; jobs that end at the same time wait for each other.

    Parameters
    ----------
    path : str or Path
        The log; made with its folder where it is missing.
    table : DataFrame
        Dice per slice, ``dice dice_averaged``.
    weights : sequence of str
        Files of the networks.
    subjects : sequence of str
        Whose scans were looked at.
    **about
        ``results``: name of the results folder (study and variant); ``networks``: "ensemble" (trained on the training scans) or
        "leave_one_out" (trained on all subjects but one); ``protocol``; ``steps`` of a training; ``averaged``: what else was
        averaged (`vhi.region.protocols.averaging_in_words`).

    Raises
    ------
    InputError
        Where the file has other columns; nothing is then added.
    """
    row = {
        **about,
        "date": datetime.now(UTC).date().isoformat(),
        "subjects": " ".join(subjects),
        "members": len(weights),
        "members_sha256": sha256(b"".join(Path(file).read_bytes() for file in weights))[:16],
        "slices": len(table),
        "mean_dice": table["dice"].mean(),
        "min_dice": table["dice"].min(),
        "max_dice": table["dice"].max(),
        "mean_dice_averaged": table["dice_averaged"].mean(),
    }
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
