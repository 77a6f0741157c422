"""Which readings and which levels the pictures of a subject's summary show."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from vhi.figures.summary_texts import texts
from vhi.figures.summary_values import change_of, session_value
from vhi.inflammation import LOWER, UPPER
from vhi.statistics.values import first_trials
from vhi.uncertainty.change import visit_interval


def with_values(sessions: Mapping[str, dict]) -> dict[str, dict]:
    """Choose whose readings a page shows, so that its words and its pictures are about the same voxels.

    Parameters
    ----------
    sessions : mapping of dict
        By session: ``counts`` (dict of reader to voxels of V_HI), ``kept`` (dict of reader to a (slices, rows, columns) array of
        the labels that make them, where there is a mask) ``visit`` (its name) and ``voxel_mm3``.

    Returns
    -------
    dict of dict
        With ``value`` (`session_value`), ``labels`` (the highest of those readers) and ``share`` (of those readers who kept a
        voxel: its sum is the mean V_HI), both None where nothing is to be coloured, and ``left_out`` (readers).

    Notes
    -----
    Readers with a mask of every session are shown, and counted, alone. Where none has one, each session has its own. Where
    a session has no mask at all, no session is coloured: a plain picture beside a coloured one would look like a change.
    """
    masked = [set(session["kept"]) for session in sessions.values()]
    coloured = all(masked)
    common = set.intersection(*masked) if masked else set()
    found = {}
    for name, session in sessions.items():
        shown = [r for r in session["counts"] if not coloured or r in (common or session["kept"])]
        readings = [{"reader": r, "voxels": session["counts"][r], "voxel_mm3": session["voxel_mm3"]} for r in shown]
        volumes = [session["kept"][reader] for reader in shown] if coloured else []
        found[name] = session | {
            "value": session_value(readings),
            "labels": np.max(volumes, axis=0) if coloured else None,
            "share": np.mean([volume > 0 for volume in volumes], axis=0) if coloured else None,
            "left_out": [reader for reader in session["counts"] if reader not in shown],
        }
    return found


def with_intervals(sessions: Mapping[str, dict], uncertainty: pd.DataFrame) -> None:
    """Add ``interval``, the ends of the 90 % interval in ml, to each session whose shown readers have one.

    Parameters
    ----------
    sessions : mapping of dict
        Of `with_values`, with ``scan``.
    uncertainty : DataFrame
        6_cleaning/uncertainty.tsv.
    """
    first = first_trials(uncertainty)
    for session in sessions.values():
        readings = first[(first["scan"] == session["scan"]) & first["reader"].isin(session["value"]["readers"])]
        if len(readings) == len(session["value"]["readers"]):
            ends = np.array(visit_interval(readings, readings["limit_rule"].iloc[0]))
            session["interval"] = tuple(ends * session["voxel_mm3"] / 1000) if np.isfinite(ends).all() else None


def error_of_change(changes: pd.DataFrame | None, subject: str, sessions: Mapping[str, dict]) -> dict | None:
    """Find what 7_3_responsiveness/change_error.tsv says of a subject; None where it is about other readers than the page."""
    if changes is None or set(sessions) != {"pre", "post"}:
        return None
    row = changes[(changes["subject"].astype(str) == subject) & (changes["session"] == sessions["post"]["visit"])]
    readers = change_of(sessions["pre"]["value"], sessions["post"]["value"]).get("readers", {})
    if row.empty or row["flag"].isna().all() or int(row["readers"].iloc[0]) != len(readers):
        return None
    return row.iloc[0].to_dict()


def marks_seen(session: Mapping, levels: Sequence[int]) -> set[str]:
    """Name what the pictures of a session mark at the levels that they show.

    Parameters
    ----------
    session : mapping
        Of `with_values`.
    levels : sequence of int
        Of `shown_levels`.

    Returns
    -------
    set of str
        Of ``lower`` (yellow), ``upper`` (orange) and ``pale`` (not kept by all readers).
    """
    if session["share"] is None:
        return set()
    labels, share = session["labels"][levels], session["share"][levels]
    seen = {"lower": labels == LOWER, "upper": labels == UPPER, "pale": (share > 0) & (share < 1)}
    return {mark for mark, where in seen.items() if where.any()}


def what_is_shown(session: Mapping, marks: set[str], language: str = "en") -> str:
    """Say which voxels the pictures of a session mark.

    Parameters
    ----------
    session : mapping
        Of `with_values`.
    marks : set of str
        Of `marks_seen`.
    language : str
    """
    say, readers = texts(language), list(session["value"]["readers"])
    if session["share"] is None:
        return say["shown_none"]
    key = (
        "shown_pale"
        if "pale" in marks
        else "shown"
        if marks
        else "shown_other"
        if session["share"].any()
        else "shown_nothing"
    )
    said = say[key].format(readers=say["and"].join(readers))
    if session["left_out"]:
        said += say["left_out"].format(readers=", ".join(session["left_out"]))
    return said


def shown_levels(sessions: Mapping[str, dict], count: int) -> dict[str, list[int]]:
    """Choose slices for every session, at the same levels: those with most coloured voxels in all sessions together.

    Parameters
    ----------
    sessions : mapping of dict
        Of `with_values`, with ``region`` (slices, rows, columns) and ``spacing`` (of slices, rows and columns, mm).
    count : int

    Returns
    -------
    dict of list of int
        By session, in the order of the stack, at least two apart where there are enough; spread evenly over the disease region
        where nothing is coloured.

    Notes
    -----
    ASSUME one level is one distance, in mm along the slices, from the middle of the disease region: subjects lie elsewhere in the
    scanner the second time, and scans are not registered.
    """
    first = next(iter(sessions))
    areas = {name: _area_of_region(session) for name, session in sessions.items()}
    middle = {name: float(np.average(np.arange(len(area)), weights=area)) for name, area in areas.items()}
    places = np.arange(len(areas[first]))
    at = {
        name: np.rint(middle[name] + (places - middle[first]) * sessions[first]["spacing"][0] / session["spacing"][0])
        for name, session in sessions.items()
    }
    inside = np.all([(at[name] >= 0) & (at[name] < len(areas[name])) for name in sessions], axis=0)
    weight = np.zeros(len(places))
    for name, session in sessions.items():
        if session["labels"] is not None:
            counts = (session["labels"] > 0).sum(axis=(1, 2))
            weight[inside] += counts[at[name][inside].astype(int)]
    if weight.any():
        # of slices with the same number the one nearest to the middle of the stack
        order = np.argsort(-(weight - 1e-6 * np.abs(places - len(places) / 2)), kind="stable")
    else:
        reached = np.cumsum(areas[first]) / areas[first].sum()
        spread = [int(np.searchsorted(reached, (n + 0.5) / count)) for n in range(count)]
        order = [*spread, *np.argsort(np.abs(places - middle[first]), kind="stable")]
    apart = 2 if inside.sum() >= 4 * count else 1
    chosen: list[int] = []
    for place in order:
        if inside[place] and len(chosen) < count and all(abs(place - other) >= apart for other in chosen):
            chosen.append(int(place))
    return {name: [int(at[name][place]) for place in sorted(chosen)] for name in sessions}


def _area_of_region(session: Mapping) -> np.ndarray:
    area = (session["region"] > 0).sum(axis=(1, 2))
    return area if area.any() else np.ones(len(area), int)
