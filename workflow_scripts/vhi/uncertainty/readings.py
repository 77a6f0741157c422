"""The parts of the error of a study's readings: those of one scan, and what the study as a whole says of readers and scans."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vhi.marrow.limits import LimitRule
from vhi.uncertainty.alternatives import PROBABILITIES, Cleaned, cropped, sd_log_patch, sd_log_region, several
from vhi.uncertainty.components import fit_variance, reader_pairs, scan_pairs
from vhi.uncertainty.intervals import SCALES, combined
from vhi.uncertainty.patch import patch_spread, voxel_places

COLUMNS = [
    *("scan", "subject", "session", "repeat", "reader", "trial", "limit_rule"),
    *("vhi_voxels", "low_voxels", "high_voxels", "vhi_mm3", "low_mm3", "high_mm3"),
    *("sd_log_patch", "sd_log_region", "sd_log_reader", "sd_log_scan", "dominant", "sources_missing"),
]
"""Columns of uncertainty.tsv."""


def parts_of_scan(
    cleaned: Cleaned,
    region: np.ndarray,
    probability: np.ndarray | None,
    normal_marrow: np.ndarray | None,
    spacing: Sequence[float],
    rule: LimitRule,
) -> tuple[np.ndarray, np.ndarray]:
    """Measure what the patch and the disease region add to the error of each reading of a scan.

    Parameters
    ----------
    cleaned : Cleaned
        The scan with its readings.
    region : (slices, rows, columns) bool array
        Disease region in use.
    probability : (slices, rows, columns) array, optional
        Mean of the networks' members, 0 to 1; None where a human drew the region.
    normal_marrow : (slices, rows, columns) bool array, optional
        None where the limits need no patch: its part is then 0.
    spacing : sequence of float
        Of slices, rows and columns, mm.
    rule : LimitRule
        Of the limits.

    Returns
    -------
    sd_log_patch, sd_log_region : (readers,) array
        NaN where not known.
    """
    nothing = np.full(len(cleaned.kept), np.nan)
    sure = region if probability is None else region | (probability > PROBABILITIES[0])
    everywhere = several(cleaned.kept, cleaned.preliminary, sure)
    stir, preliminary, inside, chance, *kept = cropped(
        everywhere,
        cleaned.stir,
        cleaned.preliminary,
        region,
        region if probability is None else probability,
        *cleaned.kept,
    )
    small = Cleaned(stir, preliminary, kept, cleaned.lower, cleaned.upper, cleaned.counts_from, cleaned.small_regions)
    scales, by_patch = SCALES[rule.rule], nothing
    if normal_marrow is None:
        by_patch = np.zeros(len(kept))
    elif spread := patch_spread(cleaned.stir[normal_marrow], voxel_places(normal_marrow, spacing), rule):
        by_patch = sd_log_patch(small, inside, spread.sd_log(scales.of_blocks, scales.of_tail))
    return by_patch, nothing if probability is None else scales.of_region * sd_log_region(small, chance)


def uncertainty(measurements: pd.DataFrame, parts: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Give every semi-automatic reading its error and interval.

    Parameters
    ----------
    measurements : DataFrame
        Of `6_cleaning`.
    parts : DataFrame
        ``scan reader trial sd_log_patch sd_log_region`` of the readings with a mask.
    rule : str
        Rule of the limits.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``sd_log_`` columns are standard deviations of log(V_HI + 1): of the patch and the region for this reading; of
        readers and repeated scans for a reading of its size, estimated from the whole study, where at least five scans were read
        twice or repeated. The interval holds 90 % of the readings' geometric means over repeats (`intervals.combined`).
    """
    read = measurements[measurements["method"] == "semiautomatic"].dropna(subset="vhi_voxels")
    keys = ["scan", "reader", "trial"]
    table = read.astype({"trial": str}).merge(parts.astype({"trial": str}), on=keys, how="left")
    voxels = table["vhi_voxels"].to_numpy(float)
    pairs = reader_pairs(table)
    of_reader = fit_variance(pairs["square"], pairs["voxels"])
    again = scan_pairs(table)
    # A part that moves both scans alike is no part of their difference; those of patch and region are drawn anew with each.
    of_scan = fit_variance(again["square"], again["voxels"], known=again["known"])
    for source, found in (("reader", of_reader), ("scan", of_scan)):
        table[f"sd_log_{source}"] = np.sqrt(found.at(voxels)) if found else np.nan
    table["voxel_mm3"] = (table["vhi_mm3"] / table["vhi_voxels"].where(table["vhi_voxels"] > 0)).astype(float)
    table["voxel_mm3"] = table["voxel_mm3"].fillna(table["voxel_mm3"].median())
    return combined(table, rule).assign(limit_rule=rule)[COLUMNS]
