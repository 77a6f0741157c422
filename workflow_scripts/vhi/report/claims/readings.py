"""Claims on V_HI as the readers cleaned it: beside the composite (Fig 5), where there is little of it, and its range."""

import numpy as np
from scipy import stats

from vhi.report.claims import words
from vhi.report.claims.evidence import Finding, claim, listed
from vhi.statistics.agreement import limits_of_agreement
from vhi.statistics.values import first_cleanings

# ASSUME the paper prints no measure for its words: a bias is small up to 5 % of the range of V_HI, precision is good where
# the limits of agreement span up to 25 % of it, and agreement is close where the limits of the ratio lie within 1/2 and 2.
SMALL, GOOD, CLOSE = 0.05, 0.25, 2


def _first_cleanings(frame):
    """First cleaning of each reader, and what their V_HI rests on."""
    if frame is None:
        return None, None
    rows = first_cleanings(frame).dropna(subset=["vhi_voxels"])
    return (rows, words.IMAGES if rows["source"].eq("mask").all() else words.PUBLISHED) if len(rows) else (None, None)


def _beside_composite(evidence):
    """(reader, V_HI, composite voxels) of every reader with three scans or more, and what they rest on."""
    frame = evidence.composite
    rows, rests_on = _first_cleanings(None if frame is None else frame[frame["composite"] == "manual"])
    if rows is None:
        return [], None
    rows = rows.dropna(subset=["composite_voxels"])
    return [
        (reader, *part.set_index("scan")[["vhi_voxels", "composite_voxels"]].astype(float).to_numpy().T)
        for reader, part in rows.groupby("reader")
        if len(part) > 2
    ], rests_on


def _about(readers, rests_on):
    voxels = "cleaned masks" if rests_on == words.IMAGES else "published V_HI"
    return f"{voxels} of {len(readers[0][1])} scans beside the composite of the manual masks"


def _relative(readers):
    """Largest bias, and width of the limits of agreement, as shares of the range of means, over the readers."""
    found = []
    for _, vhi, composite in readers:
        limits = limits_of_agreement(vhi, composite)
        extent = np.ptp((vhi + composite) / 2)
        found.append((abs(limits.bias) / extent, (limits.upper - limits.lower) / extent))
    return np.max(found, axis=0)


@claim("composite_bias", "composite_precision")
def _composite_bias(evidence, name):
    readers, rests_on = _beside_composite(evidence)
    if not readers:
        return Finding()
    bias, width = _relative(readers)
    value, most = (bias, SMALL) if name == "composite_bias" else (width, GOOD)
    note = f"{_about(readers, rests_on)}, the larger of the readers; taken for it: up to {100 * most:g} %"
    return Finding(
        f"{100 * value:.1f} % of the range", note, rests_on, status=words.REPRODUCED if value <= most else words.DIFFERS
    )


@claim("composite_close")
def _composite_close(evidence):
    readers, rests_on = _beside_composite(evidence)
    if not readers:
        return Finding()
    told, close = [], []
    for reader, vhi, composite in readers:
        limits = limits_of_agreement(np.log(vhi + 1), np.log(composite + 1))
        low, high = np.exp([limits.lower, limits.upper])
        told.append(f"{low:.2f} to {high:.2f} ({reader})")
        close.append(low >= 1 / CLOSE and high <= CLOSE)
    width = _relative(readers)[1]
    note = (
        f"95 % limits of the ratio, {_about(readers, rests_on)}; the limits in voxels span {100 * width:.0f} % of the range, "
        "which the largest scans make"
    )
    status = words.REPRODUCED if all(close) else words.AMBIGUOUS if width <= GOOD else words.DIFFERS
    return Finding(listed(told), note, rests_on, status=status)


@claim("composite_outliers")
def _composite_outliers(evidence):
    readers, rests_on = _beside_composite(evidence)
    if not readers:
        return Finding()
    outside = set()
    for _, vhi, composite in readers:
        limits = limits_of_agreement(vhi, composite)
        apart = vhi - composite
        outside |= set(np.flatnonzero((apart < limits.lower) | (apart > limits.upper)))
    return Finding(len(outside), f"scans outside the 95 % limits of a reader: {_about(readers, rests_on)}", rests_on)


@claim("small_burden")
def _small_burden(evidence):
    rows, rests_on = _first_cleanings(evidence.measurements)
    wide = (
        None if rows is None else rows.pivot(index="scan", columns="reader", values="vhi_voxels").astype(float).dropna()
    )
    if wide is None or wide.shape[1] != 2 or len(wide) < 3:
        return Finding()
    first, second = (wide[reader].to_numpy() for reader in wide)
    rho = stats.spearmanr((first + second) / 2, np.abs(np.log((first + 1) / (second + 1)))).statistic
    note = (
        f"rank correlation of the mean and the absolute difference of logarithms, {len(wide)} scans; the paper has 58"
    )
    told = f"correlation {rho:.2f}"
    if rests_on == words.IMAGES:
        return Finding(told, note, rests_on, status=words.REPRODUCED if rho < 0 else words.DIFFERS)
    return Finding(implied=told, note=note, rests_on=rests_on, status=words.CONSISTENT if rho < 0 else words.NOT_PUBLIC)


@claim("vhi_range_high")
def _vhi_range_high(evidence):
    rows, rests_on = _first_cleanings(evidence.measurements)
    if rows is None:
        return Finding()
    means = rows.groupby("scan")["vhi_voxels"].mean()
    most, what = float(means.max()), "cleaned masks" if rests_on == words.IMAGES else "published counts"
    if most <= evidence.printed["vhi_range_high"]:
        return Finding()
    note = (
        f"{what} of scan {means.idxmax()} average {most:,.1f}, above the printed maximum of all scans; perhaps the agreement "
        "analysis kept subchondral bone only"
    )
    value = {"ours" if rests_on == words.IMAGES else "implied": most}
    return Finding(**value, note=note, rests_on=rests_on, status=words.CONTRADICTS)
