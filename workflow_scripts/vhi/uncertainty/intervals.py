"""The error of a V_HI, from its parts, and the interval that it gives."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

SOURCES = ("patch", "region", "reader", "scan")
"""What moves V_HI while the subject stays the same."""

LEVEL = 0.90
"""Share of readings whose interval holds the geometric mean of V_HI + 1 over repeats."""


@dataclass(frozen=True)
class Scales:
    """Factors by which raw spreads become standard deviations; fixed on simulated subjects that judged nothing.

    Attributes
    ----------
    of_blocks, of_tail : float
        Of the two parts of `patch.PatchSpread`.
    of_region : float
        Of `alternatives.sd_log_region`.
    widening : float
        Of the whole: what the parts leave out, and tails heavier than a normal's.
    """

    of_blocks: float
    of_tail: float
    of_region: float
    widening: float


# ASSUME No patient was scanned, outlined and read twenty times; `benchmarks/error_of_vhi.py constants` gives these.
SCALES = {
    "paper": Scales(0.55, 0.65, 0.30, 1.102),
    "patch_tail": Scales(0.0, 0.70, 0.27, 1.153),
    "disease_region": Scales(0.0, 0.0, 0.49, 0.959),
}


def half_width(sd_log: pd.Series | float, rule: str, level: float = LEVEL) -> pd.Series | float:
    """Half the width of an interval on log(V_HI + 1), from the standard deviation that the parts give."""
    return ndtri(0.5 + level / 2) * SCALES[rule].widening * sd_log


def missing_sources(cells: pd.Series) -> list[str]:
    """List the sources that any of the cells of ``sources_missing`` names, in the order of `SOURCES`."""
    lacking = {word for cell in cells.dropna() for word in str(cell).split()}
    return [source for source in SOURCES if source in lacking]


def combined(parts: pd.DataFrame, rule: str, level: float = LEVEL) -> pd.DataFrame:
    """Combine the parts of the error of each reading.

    Parameters
    ----------
    parts : DataFrame
        ``vhi_voxels voxel_mm3`` and, for each of `SOURCES`, ``sd_log_<source>``, NaN where it is not known.
    rule : {"paper", "patch_tail", "disease_region"}
        Rule of the limits.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        The rows with ``vhi_mm3 sd_log low_voxels high_voxels low_mm3 high_mm3 dominant sources_missing``. The interval is on
        log(V_HI + 1), so that it never falls below 0 and is wider upwards. A source that is missing adds nothing: the interval is
        then too narrow, and the row says so.
    """
    table = parts.copy()
    columns = [f"sd_log_{source}" for source in SOURCES]
    known = table[columns].astype(float)
    table["sd_log"] = np.sqrt((known.fillna(0) ** 2).sum(axis=1)).where(known.notna().any(axis=1))
    width = half_width(table["sd_log"], rule, level)
    middle = np.log1p(table["vhi_voxels"].astype(float))
    table["low_voxels"] = np.expm1(np.maximum(middle - width, 0))
    table["high_voxels"] = np.expm1(middle + width)
    for name in ("vhi", "low", "high"):
        table[f"{name}_mm3"] = table[f"{name}_voxels"] * table["voxel_mm3"]
    largest = known.fillna(-1).to_numpy().argmax(axis=1)
    table["dominant"] = np.where(table["sd_log"] > 0, np.array(SOURCES)[largest], None)
    table["sources_missing"] = [
        " ".join(source for source, there in zip(SOURCES, row, strict=True) if not there) or None
        for row in known.notna().to_numpy()
    ]
    return table
