"""What the readers measured, side by side: V_HI and SPARCC of every scan, on every scale, per pair of readers."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

SESSIONS = ("pre", "post")
"""What the first visit and a later one are called where they are compared (`follow_ups`)."""
SCALES = ("raw", "truncated", "log")
VALUES = ["scan", "subject", "session", "reader", "vhi_voxels", "vhi_mm3", "sparcc"]


def measured_by(unit: str) -> dict[str, tuple[str, str]]:
    """Column and unit of each measure, V_HI in voxels or mm3."""
    return {"V_HI": (f"vhi_{unit}", unit), "SPARCC": ("sparcc", "points")}


def first_trials(readings: pd.DataFrame) -> pd.DataFrame:
    """Rows of the first trial of every reader."""
    return readings[readings["trial"].astype(str) == "1"]


def first_visits(readings: pd.DataFrame) -> pd.DataFrame:
    """Rows of the first trial of every reader on the first scan of a session."""
    first = first_trials(readings)
    return first[first["repeat"] == 1] if "repeat" in first else first


def first_cleanings(measurements: pd.DataFrame) -> pd.DataFrame:
    """Rows of `first_visits` that are semi-automatic: these are V_HI."""
    return first_visits(measurements[measurements["method"] == "semiautomatic"])


def follow_ups(table: pd.DataFrame, sessions: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each visit after the first, and the rows of these two, whose ``session`` is called as in `SESSIONS`.

    Examples
    --------
    >>> visits = pd.DataFrame({"session": ["week0", "week12", "week24"]})
    >>> [(name, list(part["session"])) for name, part in follow_ups(visits, ["week0", "week12", "week24"])]
    [('week12', ['pre', 'post']), ('week24', ['pre', 'post'])]
    """
    for session in sessions[1:]:
        names = dict(zip((sessions[0], session), SESSIONS, strict=True))
        part = table[table["session"].isin(names)]
        yield session, part.assign(session=part["session"].map(names))


def before_or_after(table: pd.DataFrame, first: str) -> pd.DataFrame:
    """Call the first visit ``pre`` and every later one ``post``, as the figures' colours do."""
    return table.assign(session=np.where(table["session"] == first, *SESSIONS))


def reader_values(measurements: pd.DataFrame, sparcc: pd.DataFrame | None = None) -> pd.DataFrame:
    """Set V_HI and SPARCC of every scan and reader side by side.

    Parameters
    ----------
    measurements : DataFrame
        Of `6_cleaning`; the first semi-automatic trial counts, as the paper's agreement stands on one cleaning a reader.
    sparcc : DataFrame, optional
        ``scan subject session reader sparcc``.

    Returns
    -------
    DataFrame
        By `VALUES`, one row per scan and reader with either; NaN where one is missing.
    """
    keys = VALUES[:4]
    found = first_cleanings(measurements).dropna(subset="vhi_voxels")[[*keys, "vhi_voxels", "vhi_mm3"]]
    scores = pd.DataFrame(columns=[*keys, "sparcc"], dtype=object) if sparcc is None else sparcc[[*keys, "sparcc"]]
    found = found.merge(scores, on=keys, how="outer").sort_values(["scan", "reader"], ignore_index=True)
    return found.astype(dict.fromkeys(("vhi_voxels", "vhi_mm3", "sparcc"), float))[VALUES]


def on_scale(values: np.ndarray, scale: str) -> np.ndarray:
    """Put values on a scale: as they are, or log(x + 1), natural logarithm."""
    return np.log1p(values) if scale == "log" else values


def unit_on(scale: str, unit: str) -> str:
    """Unit of a measure on a scale."""
    return f"log({unit} + 1)" if scale == "log" else unit


def cut_of(values: pd.Series, quantile: float) -> float:
    """Value above which the truncated views leave readings out."""
    # ASSUME the paper removes "the highest" V_HI and draws the cut, but does not say where it is.
    return float(values.quantile(quantile)) if values.notna().any() else float("nan")


def side_by_side(values: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row per scan (index ``scan subject session``), one column per reader."""
    known = values.dropna(subset=[column])
    return known.pivot(index=["scan", "subject", "session"], columns="reader", values=column)


def reader_pairs(values: pd.DataFrame, readers: Sequence[str], column: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give every two readers, in the order of the study, and the scans that both measured (``scan subject session a b``)."""
    wide = side_by_side(values, column)
    for a, b in combinations([reader for reader in readers if reader in wide], 2):
        yield a, b, wide[[a, b]].dropna().reset_index()
