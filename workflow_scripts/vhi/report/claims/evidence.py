"""What claims are judged from, what can be said of one, and the register of the functions that say it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from vhi.report.claims import words

SCAN_COLUMNS = [
    *("scan", "subject", "role", "annotated", "slices", "rows", "columns"),
    *("spacing_mm", "between_slices_mm", "echo_time_ms", "repetition_time_ms"),
]


@dataclass(frozen=True)
class Evidence:
    """The tables from which claims are judged; None where a study does not have one.

    Attributes
    ----------
    scans : DataFrame
        One row per scan, columns `SCAN_COLUMNS`; echo and repetition time of the STIR, NaN where there is none.
    printed : dict
        The published numbers by claim, to be checked against each other.
    settings : mapping
        From `vhi.report.claims.settings.settings_of`; empty where nothing is run.
    dice, measurements, composite : DataFrame or None
        As 7_1_overlap/dice.tsv, 6_cleaning/measurements.tsv and 7_1_overlap/composite.tsv.
    learning_curves : DataFrame or None
        As published.
    published_test_dice : Series or None
        Per test slice, as published.
    trained_test_dice : Series or None
        Per test slice, by an ensemble that was trained here by the paper's whole protocol.
    selected : dict or None
        Setting and steps that the paper's whole protocol selected here.
    """

    scans: pd.DataFrame
    printed: dict
    settings: Mapping = field(default_factory=dict)
    dice: pd.DataFrame | None = None
    measurements: pd.DataFrame | None = None
    composite: pd.DataFrame | None = None
    learning_curves: pd.DataFrame | None = None
    published_test_dice: pd.Series | None = None
    trained_test_dice: pd.Series | None = None
    selected: dict | None = None


@dataclass(frozen=True)
class Finding:
    """What is said of a claim.

    Attributes
    ----------
    ours : float, str or None
        Computed from images, headers, masks, tables or settings of this run.
    implied : float, str or None
        What other printed or published numbers make of it.
    note : str
        Where either comes from; "" leaves it to the note in claims.tsv.
    rests_on : str
        One of the words of `words`.
    status : str or None
        None: whether ours, or what is implied, agrees with the published value.
    """

    ours: float | str | None = None
    note: str = ""
    rests_on: str = words.NOTHING
    implied: float | str | None = None
    status: str | None = None


FINDINGS: dict[str, Callable[[Evidence], Finding]] = {}


def claim(*names: str) -> Callable:
    """Register a function as the one that judges these claims; it gets the evidence and, with several, the name."""

    def register(function):
        for name in names:
            FINDINGS[name] = function if len(names) == 1 else (lambda evidence, name=name: function(evidence, name))
        return function

    return register


def listed(values) -> str:
    """Put values into words.

    Examples
    --------
    >>> listed([22, 17, 19])
    '22, 17 and 19'
    """
    *most, last = [str(value) for value in values]
    return f"{', '.join(most)} and {last}" if most else last


def geometry_row(shape: tuple, spacing: tuple, description: bytes | str, repetition_s: float = 0) -> dict:
    """Give the facts of a scan's header.

    Parameters
    ----------
    shape, spacing : tuple of 3
        In presentation order, mm.
    description : bytes or str
        Free text of the header; ``TE=60;...`` gives the echo time, ms.
    repetition_s : float
        ``pixdim[4]`` of a single volume, in which converters leave the repetition time, s; 0 where they do not.
    """
    text = description.decode("latin-1") if isinstance(description, bytes) else str(description)
    echo = next((part[3:] for part in text.strip("\0").split(";") if part.startswith("TE=")), None)
    return {
        "slices": shape[0],
        "rows": shape[1],
        "columns": shape[2],
        "spacing_mm": spacing[2],
        "between_slices_mm": spacing[0],
        "echo_time_ms": float(echo) if echo else np.nan,
        "repetition_time_ms": 1000 * repetition_s if repetition_s > 0 else np.nan,
    }
