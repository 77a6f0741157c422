"""The numbers of a summary of one subject: V_HI of each session and reader, and its change."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from vhi.statistics.values import first_trials


def session_value(readings: Sequence[dict]) -> dict:
    """Mean of the readers of one session.

    Parameters
    ----------
    readings : sequence of dict
        ``reader voxels voxel_mm3`` of one scan.

    Returns
    -------
    dict
        ``voxels ml`` (means), ``readers`` (dict of reader to (voxels, ml)); all empty or NaN where nobody has read.
    """
    readers = {row["reader"]: (row["voxels"], row["voxels"] * row["voxel_mm3"] / 1000) for row in readings}
    voxels, ml = (np.mean([value[at] for value in readers.values()]) if readers else np.nan for at in (0, 1))
    return {"voxels": float(voxels), "ml": float(ml), "readers": readers}


def change_of(pre: dict, post: dict) -> dict:
    """Change from before to after treatment, of the readers who read both.

    Returns
    -------
    dict
        ``before after`` (mean of those readers, ml), ``ml voxels`` (post less pre), ``percent`` (of pre; None where pre is 0),
        ``readers`` (dict of reader to ml); empty where no reader read both.
    """
    both = [reader for reader in pre["readers"] if reader in post["readers"]]
    if not both:
        return {}
    voxels, ml = (np.array([[s["readers"][r][at] for r in both] for s in (pre, post)], float) for at in (0, 1))
    before, after = ml.mean(axis=1)
    return {
        "before": float(before),
        "after": float(after),
        "ml": float(after - before),
        "voxels": float(np.diff(voxels.mean(axis=1))[0]),
        "percent": float(100 * (after - before) / before) if before > 0 else None,
        "readers": {reader: float(ml[1, at] - ml[0, at]) for at, reader in enumerate(both)},
    }


def joints_ml(joints: pd.DataFrame | None, sessions: Mapping[str, dict]) -> dict[str, list[float]]:
    """Find V_HI of each joint, in ml, in every session of a page: the mean of the readers whom the page shows.

    Parameters
    ----------
    joints : DataFrame, optional
        6_cleaning/joints.tsv.
    sessions : mapping of dict
        Of `vhi.figures.summary_shown.with_values`, with ``scan``.

    Returns
    -------
    dict of list of float
        By joint (``right ilium``, ...), a value per session; empty where the table lacks a reader of a session.
    """
    if joints is None:
        return {}
    found: dict[str, list[float]] = {}
    first = first_trials(joints)
    for session in sessions.values():
        readers = session["value"]["readers"]
        rows = first[(first["scan"] == session["scan"]) & first["reader"].isin(readers)]
        if set(rows["reader"]) != set(readers):
            return {}
        for (side, bone), mm3 in rows.groupby(["side", "bone"], sort=False)["vhi_mm3"].sum().items():
            found.setdefault(f"{side} {bone}", []).append(float(mm3) / len(readers) / 1000)
    return found


def detectable_ml(table: pd.DataFrame | None, sessions: Mapping[str, dict]) -> float | None:
    """Find the smallest detectable change of V_HI, in ml, for as many readers as a page averages; None where there is none.

    Parameters
    ----------
    table : DataFrame, optional
        Columns ``measure session readers_averaged smallest_detectable_change unit``; None where the study has none.
    sessions : mapping of dict
        Of `vhi.figures.summary_shown.with_values`.
    """
    if table is None or set(sessions) != {"pre", "post"}:
        return None
    readers = change_of(sessions["pre"]["value"], sessions["post"]["value"]).get("readers", {})
    table = table[table["session"] == sessions["post"]["visit"]]
    found = table[(table["measure"] == "vhi") & (table["readers_averaged"].astype(int) == len(readers))]
    if found.empty:
        return None
    row, voxel_mm3 = found.iloc[0], sessions["post"]["voxel_mm3"]
    return float(row["smallest_detectable_change"]) * {"mm3": 1, "voxels": voxel_mm3}[row["unit"]] / 1000
