"""V_HI by joint, and the quadrants that it inflames."""

import numpy as np
import pandas as pd

from vhi.joint.territories import BONES, HALVES, QUADRANTS, SCORED_SLICES, SIDES

NAMES = ["_".join(quadrant) for quadrant in QUADRANTS]
READING = ["scan", "subject", "session", "repeat", "reader", "trial"]


def vhi_by_joint(inflamed: np.ndarray, quadrants: np.ndarray, voxel_mm3: float) -> pd.DataFrame:
    """Split V_HI by side and bone.

    Parameters
    ----------
    inflamed : (slices, rows, columns) array of bool
        What makes V_HI.
    quadrants : (slices, rows, columns) array
        Labels of `territories.Territories`, on the same grid.
    voxel_mm3 : float

    Returns
    -------
    DataFrame
        ``side bone vhi_voxels vhi_mm3``, four rows, zeros too; they sum to V_HI.
    """
    counts = np.bincount(quadrants[inflamed], minlength=len(QUADRANTS) + 1)[1:].reshape(
        len(SIDES), len(BONES), len(HALVES)
    )
    rows = [
        {
            "side": side,
            "bone": bone,
            "vhi_voxels": int(counts[s, b].sum()),
            "vhi_mm3": float(counts[s, b].sum() * voxel_mm3),
        }
        for s, side in enumerate(SIDES)
        for b, bone in enumerate(BONES)
    ]
    return pd.DataFrame(rows)


def score_quadrants(inflamed: np.ndarray, quadrants: np.ndarray, first_slice: int, minimum_pixels: int) -> pd.DataFrame:
    """Score each slice by its inflamed quadrants, 0 to 8.

    Parameters
    ----------
    inflamed, quadrants : (slices, rows, columns) array
        As for `vhi_by_joint`.
    first_slice : int
        First of the `SCORED_SLICES`, counted from 0.
    minimum_pixels : int
        A quadrant is inflamed from so many pixels on.

    Returns
    -------
    DataFrame
        One row per slice: ``slice`` (from 1), a column per quadrant (0 or 1), ``score``, and ``scored`` (yes or no), whether
        it is one of the six.
    """
    # ASSUME A quadrant is inflamed by as many pixels as make a region: fewer are the edge of the next quadrant's.
    found = np.array(
        [
            np.bincount(labels[where], minlength=len(QUADRANTS) + 1)[1:] >= minimum_pixels
            for labels, where in zip(quadrants, inflamed, strict=True)
        ]
    ).astype(int)
    table = pd.DataFrame(found, columns=NAMES)
    place = np.arange(len(table))
    scored = (place >= first_slice) & (place < first_slice + SCORED_SLICES)
    table.insert(0, "slice", place + 1)
    return table.assign(score=found.sum(axis=1), scored=np.where(scored, "yes", "no"))


def totals(scores: pd.DataFrame, sparcc: pd.DataFrame | None) -> pd.DataFrame:
    """Sum the scores of the six slices of every reading, beside SPARCC.

    Parameters
    ----------
    scores : DataFrame
        Rows of `score_quadrants` with the columns `READING`.
    sparcc : DataFrame, optional
        ``scan reader sparcc``.

    Returns
    -------
    DataFrame
        `READING`, ``first_slice quadrant_score`` (0 to 48) and ``sparcc`` (0 to 72, which adds depth and intensity; missing
        where the reader did not score the scan).
    """
    six = scores[scores["scored"] == "yes"].groupby(READING, sort=False, as_index=False)
    found = six.agg(first_slice=("slice", "min"), quadrant_score=("score", "sum"))
    if sparcc is None:
        return found.assign(sparcc=np.nan)
    return found.merge(sparcc[["scan", "reader", "sparcc"]], on=["scan", "reader"], how="left")
