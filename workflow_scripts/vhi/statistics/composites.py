"""Composite references: readings against the majority of manual and of mixed trials (paper, section 2.7.1)."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from vhi.cleaning.readings import ABOUT
from vhi.statistics.agreement import agreement_table
from vhi.statistics.overlap import composite, dice
from vhi.statistics.values import first_cleanings

COMPOSITE = [*ABOUT, "composite", "composite_of", "vhi_voxels", "composite_voxels", "dice", "source"]


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
        ``others`` and ``mixed others``: each trial of these against the majority of the other trials, so that none is scored
        against a composite in which it voted. None of a composite with fewer trials than votes.
    """
    manual = [row for row in of_scan if row["method"] == "manual"]
    # ASSUME section 2.7.1 does not say which two manual trials: the first of each reader, beside their first cleanings.
    first = [row for row in of_scan if row["trial"] == 1]
    rows = []
    for name, voters in (("manual", manual), ("mixed", first)):
        methods = [row["method"] for row in voters]
        if len(voters) < votes or (name == "mixed" and len(set(methods)) < 2):
            continue
        of = f"{methods.count('manual')} manual, {methods.count('semiautomatic')} semi-automatic trials, {votes} votes"
        reference = _reference(voters, votes)
        rows += [_scored(row, name, of, reference) for row in of_scan]
    for name, voters in (
        ("others", manual),
        ("mixed others", first if "mixed" in {row["composite"] for row in rows} else []),
    ):
        for row in voters:
            others = [other for other in voters if other is not row]
            # ASSUME more than half of the others, two of three; the paper scores trials against composites they voted in.
            majority = len(others) // 2 + 1
            reference = _reference(others, majority) if len(others) >= votes else None
            if reference is not None and row["mask"] is not None:
                what = "manual" if voters is manual else "first"
                rows.append(_scored(row, name, f"{len(others)} other {what} trials, {majority} votes", reference))
    return rows


def _reference(voters: Sequence[dict], votes: int) -> np.ndarray | None:
    """Composite of readings; None where one of the masks is not public."""
    masks = [row["mask"] for row in voters]
    return None if any(mask is None for mask in masks) else composite(masks, votes)


def _scored(row: dict, name: str, of: str, reference: np.ndarray | None) -> dict:
    """Row of a reading against a composite, which is None where it is not known."""
    about = {column: row[column] for column in ABOUT}
    about |= {"composite": name, "composite_of": of, "vhi_voxels": row["voxels"]}
    if reference is None:
        return about | {"composite_voxels": None, "dice": None, "source": "not public"}
    about["composite_voxels"] = int(np.count_nonzero(reference))
    if row["mask"] is None:
        return about | {"dice": None, "source": "published count"}
    return about | {"dice": dice(row["mask"], reference), "source": "mask"}


def composite_table(readings: Iterable[tuple[str, Sequence[dict]]], votes: int) -> pd.DataFrame:
    """Set the readings of every scan against its composites: by `COMPOSITE`, manual ones first, as in the paper."""
    rows = [row for _, of_scan in readings for row in composite_rows(of_scan, votes)]
    frame = pd.DataFrame(rows, columns=COMPOSITE).convert_dtypes()
    return frame.sort_values("composite", kind="stable")


def composite_agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Give limits of agreement (voxels) of the cleaned readings with each composite, and with each other (paper, Fig 5).

    `frame` is from `composite_table`; ``composite`` stands before the columns of `agreement_table`, ``source`` after them.
    """
    tables = []
    whole = frame[~frame["composite"].str.endswith("others")]  # the others are not the same for every reader
    for name, of_composite in first_cleanings(whole).groupby("composite"):
        voxels = of_composite.pivot(index="scan", columns="reader", values="vhi_voxels").astype(float)
        readers = list(voxels)
        voxels["composite"] = of_composite.drop_duplicates("scan").set_index("scan")["composite_voxels"].astype(float)
        pairs = [(reader, "composite") for reader in readers] + ([] if tables else list(combinations(readers, 2)))
        table = agreement_table(voxels, pairs, "voxels")
        table.insert(0, "composite", name)
        tables.append(table.assign(source=", ".join(of_composite["source"].unique())))
    if not tables:
        table = agreement_table(pd.DataFrame(), [], "voxels").assign(source=[])
        table.insert(0, "composite", [])
        return table
    return pd.concat(tables)
