"""Claims of sections 3.2 and 3.3: the networks, overlap of segmentations, and V_HI beside the composite (Figs 4 and 5)."""

import numpy as np
import pandas as pd
from scipy import stats

from vhi.agreement import limits_of_agreement
from vhi.claims.evidence import (
    AMBIGUOUS,
    ASSUMED,
    CONSISTENT,
    DIFFERS,
    IMAGES,
    NOT_RUN,
    PUBLISHED,
    REPRODUCED,
    TABLES,
    TRAINED,
    UNTRAINED,
    Finding,
    claim,
    listed,
)

EPOCHS = 10  # that a learning curve is averaged over: single epochs jump
# ASSUME the paper prints no measure for its words: a bias is small up to 5 % of the range of V_HI, precision is good where
# the limits of agreement span up to 25 % of it, and agreement is close where the limits of the ratio lie within 1/2 and 2.
SMALL, GOOD, CLOSE = 0.05, 0.25, 2


@claim("no_overfitting")
def _no_overfitting(evidence):
    if evidence.learning_curves is None:
        return Finding()
    rise, fall = [], []
    for _, fold in evidence.learning_curves.groupby("fold"):
        loss, dice = (
            fold[f"validation_{what}"].rolling(EPOCHS).mean().dropna().to_numpy() for what in ("loss", "dice")
        )
        rise.append(100 * (loss[-1] / loss.min() - 1))
        fall.append(dice.max() - dice[-1])
    note = (
        f"means over {EPOCHS} epochs of the published curves: the validation losses of the folds end "
        f"{listed(f'{value:.0f}' for value in rise)} % above their minimum; the soft Dice scores, which S1 Fig shows, end "
        f"{listed(f'{value:.3f}' for value in fall)} under their maximum"
    )
    status = AMBIGUOUS if min(rise) > 5 else CONSISTENT
    return Finding(implied=f"losses {min(rise):.0f} to {max(rise):.0f} % up", note=note, rests_on=TABLES, status=status)


@claim("test_dice_mean", "test_dice_min", "test_dice_max")
def _test_dice(evidence, name):
    kind = name.rsplit("_", 1)[1]
    if evidence.trained_test_dice is not None:
        note = f"{len(evidence.trained_test_dice)} slices, by an ensemble trained here that has not seen them"
        return Finding(float(getattr(evidence.trained_test_dice, kind)()), note, TRAINED)
    published, implied = evidence.published_test_dice, None
    note = "needs networks that have not seen the test scans: train them (make paper-train PROTOCOL=paper)"
    if published is not None:
        implied = float(getattr(published, kind)())
        note += f"; implied is what the published table of {len(published)} slices gives"
    return Finding(implied=implied, note=note, rests_on=UNTRAINED, status=NOT_RUN)


def _pairs(evidence, method):
    if evidence.dice is None:
        return pd.DataFrame(columns=["a", "b", "dice", "source"])
    frame = evidence.dice
    return frame[(frame["method"] == method) & (frame["b"] != "preliminary") & frame["dice"].notna()]


def _between_medians(evidence):
    manual = _pairs(evidence, "manual")
    between = manual[manual["a"].str.split(".").str[0] != manual["b"].str.split(".").str[0]]
    return between.groupby(["a", "b"])["dice"].median()


@claim("manual_dice_min", "manual_dice_max")
def _manual_dice_range(evidence, name):
    manual = _pairs(evidence, "manual")
    if manual.empty:
        return Finding()
    value = manual["dice"].min() if name.endswith("min") else manual["dice"].max()
    return Finding(float(value), f"from {len(manual)} pairs of masks", IMAGES)


@claim("intra_dice_r1", "intra_dice_r2")
def _intra_dice(evidence, name):
    manual, reader = _pairs(evidence, "manual"), f"R{name[-1]}"
    scores = manual.loc[(manual["a"] == f"{reader}.1") & (manual["b"] == f"{reader}.2"), "dice"]
    return Finding(float(scores.median()), f"from {len(scores)} pairs of masks", IMAGES) if len(scores) else Finding()


@claim("inter_dice_low", "inter_dice_high")
def _inter_dice(evidence, name):
    medians = _between_medians(evidence)
    if medians.empty:
        return Finding()
    value = medians.min() if name.endswith("low") else medians.max()
    return Finding(float(value), f"from {len(medians)} pairs of trials", IMAGES)


@claim("cleaned_dice")
def _cleaned_dice(evidence):
    cleaned = _pairs(evidence, "semiautomatic")
    if cleaned.empty:
        return Finding()
    median = float(cleaned["dice"].median())
    if cleaned["source"].eq("masks").all():
        return Finding(median, f"from {len(cleaned)} pairs of cleaned masks", IMAGES)
    note = f"cleaned masks not in this copy; the published table of {len(cleaned)} scans gives a median of {median:.4f}"
    return Finding(implied=median, note=note, rests_on=TABLES, status="not public")


@claim("superior_overlap")
def _superior_overlap(evidence):
    cleaned, manual = _pairs(evidence, "semiautomatic"), _between_medians(evidence)
    if not (cleaned.empty or manual.empty) and cleaned["source"].eq("masks").all():
        ours, against = cleaned["dice"].median(), manual.max()
        note = "medians of the cleaned pair and of the best manual pair of trials between the readers"
        return Finding(
            f"{ours:.2f} against {against:.2f}", note, IMAGES, status=REPRODUCED if ours > against else DIFFERS
        )
    cleaned, against = evidence.printed["cleaned_dice"], evidence.printed["inter_dice_high"]
    return Finding(
        implied=f"{cleaned:g} against {against:g}",
        note="the printed medians; cleaned masks not in this copy",
        rests_on="printed numbers",
        status=CONSISTENT if cleaned > against else "contradicts itself",
    )


@claim("preliminary_dice_r1", "preliminary_dice_r2")
def _preliminary_dice(evidence, name):
    if evidence.dice is None:
        return Finding()
    frame = evidence.dice
    frame = frame[
        (frame["b"] == "preliminary") & (frame["method"] == "semiautomatic") & (frame["a"] == f"R{name[-1]}.1")
    ]
    if frame["dice"].notna().sum() == 0:
        return Finding()
    median = float(frame["dice"].median())
    if frame["source"].eq("masks").all():
        return Finding(median, f"from {len(frame)} cleaned masks", IMAGES)
    note = (
        f"our preliminary segmentations and the published V_HI of {len(frame)} scans, cleaned masks taken to lie within "
        "the preliminary ones"
    )
    return Finding(median, note, ASSUMED)


def _first_cleanings(frame):
    """First cleaning of each reader, and what their V_HI rests on."""
    if frame is None:
        return None, None
    rows = frame[(frame["method"] == "semiautomatic") & (frame["trial"].astype(str) == "1")].dropna(
        subset=["vhi_voxels"]
    )
    return (rows, IMAGES if rows["source"].eq("mask").all() else PUBLISHED) if len(rows) else (None, None)


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
    voxels = "cleaned masks" if rests_on == IMAGES else "published V_HI"
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
    return Finding(f"{100 * value:.1f} % of the range", note, rests_on, status=REPRODUCED if value <= most else DIFFERS)


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
    status = REPRODUCED if all(close) else AMBIGUOUS if width <= GOOD else DIFFERS
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
    return Finding(f"correlation {rho:.2f}", note, rests_on, status=REPRODUCED if rho < 0 else DIFFERS)


@claim("vhi_range_high")
def _vhi_range_high(evidence):
    rows, rests_on = _first_cleanings(evidence.measurements)
    if rows is None:
        return Finding()
    means = rows.groupby("scan")["vhi_voxels"].mean()
    most, what = float(means.max()), "cleaned masks" if rests_on == IMAGES else "published counts"
    if most <= evidence.printed["vhi_range_high"]:
        return Finding()
    note = (
        f"{what} of scan {means.idxmax()} average {most:,.1f}, above the printed maximum of all scans; perhaps the agreement "
        "analysis kept subchondral bone only"
    )
    value = {"ours" if rests_on == IMAGES else "implied": most}
    return Finding(**value, note=note, rests_on=rests_on, status="contradicts itself")
