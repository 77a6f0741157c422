"""Claims of sections 3.2 and 3.3: the networks, and overlap of segmentations (Fig 4)."""

import pandas as pd

from vhi.report.claims import words
from vhi.report.claims.evidence import Finding, claim, listed

EPOCHS = 10  # that a learning curve is averaged over: single epochs jump


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
    status = words.AMBIGUOUS if min(rise) > 5 else words.CONSISTENT
    return Finding(
        implied=f"losses {min(rise):.0f} to {max(rise):.0f} % up", note=note, rests_on=words.TABLES, status=status
    )


@claim("test_dice_mean", "test_dice_min", "test_dice_max")
def _test_dice(evidence, name):
    kind = name.rsplit("_", 1)[1]
    if evidence.trained_test_dice is not None:
        note = f"{len(evidence.trained_test_dice)} slices, by an ensemble trained here that has not seen them"
        return Finding(float(getattr(evidence.trained_test_dice, kind)()), note, words.TRAINED)
    published, implied = evidence.published_test_dice, None
    note = "needs networks that have not seen the test scans: train them (make paper-train PROTOCOL=paper)"
    if published is not None:
        implied = float(getattr(published, kind)())
        note += f"; implied is what the published table of {len(published)} slices gives"
    return Finding(implied=implied, note=note, rests_on=words.UNTRAINED, status=words.NOT_RUN)


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
    return Finding(float(value), f"from {len(manual)} pairs of masks", words.IMAGES)


@claim("intra_dice_r1", "intra_dice_r2")
def _intra_dice(evidence, name):
    manual, reader = _pairs(evidence, "manual"), f"R{name[-1]}"
    scores = manual.loc[(manual["a"] == f"{reader}.1") & (manual["b"] == f"{reader}.2"), "dice"]
    return (
        Finding(float(scores.median()), f"from {len(scores)} pairs of masks", words.IMAGES)
        if len(scores)
        else Finding()
    )


@claim("inter_dice_low", "inter_dice_high")
def _inter_dice(evidence, name):
    medians = _between_medians(evidence)
    if medians.empty:
        return Finding()
    value = medians.min() if name.endswith("low") else medians.max()
    return Finding(float(value), f"from {len(medians)} pairs of trials", words.IMAGES)


@claim("cleaned_dice")
def _cleaned_dice(evidence):
    cleaned = _pairs(evidence, "semiautomatic")
    if cleaned.empty:
        return Finding()
    median = float(cleaned["dice"].median())
    if cleaned["source"].eq("masks").all():
        return Finding(median, f"from {len(cleaned)} pairs of cleaned masks", words.IMAGES)
    note = f"cleaned masks not in this copy; the published table of {len(cleaned)} scans gives a median of {median:.4f}"
    return Finding(implied=median, note=note, rests_on=words.TABLES, status=words.NOT_PUBLIC)


@claim("superior_overlap")
def _superior_overlap(evidence):
    cleaned, manual = _pairs(evidence, "semiautomatic"), _between_medians(evidence)
    if not (cleaned.empty or manual.empty) and cleaned["source"].eq("masks").all():
        ours, against = cleaned["dice"].median(), manual.max()
        note = "medians of the cleaned pair and of the best manual pair of trials between the readers"
        return Finding(
            f"{ours:.2f} against {against:.2f}",
            note,
            words.IMAGES,
            status=words.REPRODUCED if ours > against else words.DIFFERS,
        )
    cleaned, against = evidence.printed["cleaned_dice"], evidence.printed["inter_dice_high"]
    return Finding(
        implied=f"{cleaned:g} against {against:g}",
        note="the printed medians; cleaned masks not in this copy",
        rests_on=words.PRINTED,
        status=words.CONSISTENT if cleaned > against else words.CONTRADICTS,
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
        return Finding(median, f"from {len(frame)} cleaned masks", words.IMAGES)
    note = (
        f"our preliminary segmentations and the published V_HI of {len(frame)} scans, cleaned masks taken to lie within "
        "the preliminary ones"
    )
    return Finding(median, note, words.ASSUMED)
