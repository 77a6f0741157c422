"""Every number that the paper prints, set beside ours.

Each claim of ``config/paper/claims.tsv`` has a function here that computes ours from the workflow's tables, checks the
printed numbers against each other, or says why neither can be done. A published table is never called ours.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from vhi.errors import InputError

REPRODUCED, DIFFERS, NOT_PUBLIC = "reproduced", "differs", "not public"
CONTRADICTS, NOT_RUN = "contradicts itself", "not run"

SCAN_COLUMNS = [
    *("scan", "subject", "role", "annotated", "slices", "rows", "columns"),
    *("spacing_mm", "between_slices_mm", "echo_time_ms"),
]
N = 29  # subjects of the cohort, as printed


@dataclass(frozen=True)
class Evidence:
    """The tables from which claims are judged; None where a study does not have one.

    Attributes
    ----------
    scans : DataFrame
        One row per scan: ``scan subject role annotated slices rows columns spacing_mm between_slices_mm echo_time_ms``.
    dice, measurements : DataFrame or None
        As 7_1_overlap/dice.tsv and 6_cleaning/measurements.tsv.
    learning_curves : DataFrame or None
        As published.
    published_test_dice : Series or None
        Per test slice, as published.
    trained_test_dice : Series or None
        Per test slice, by an ensemble that was trained here by the paper's whole protocol.
    selected : dict or None
        Setting and steps that the paper's whole protocol selected here.
    printed : dict
        The published numbers by claim, to be checked against each other.
    """

    scans: pd.DataFrame
    dice: pd.DataFrame | None
    measurements: pd.DataFrame | None
    learning_curves: pd.DataFrame | None
    published_test_dice: pd.Series | None
    printed: dict
    trained_test_dice: pd.Series | None = None
    selected: dict | None = None


@dataclass(frozen=True)
class Finding:
    """What we say of a claim: our number or word (None where there is none), a note, and a status if it is not plain."""

    ours: float | str | None
    note: str
    status: str | None = None


FINDINGS: dict[str, Callable[[Evidence], Finding]] = {}


def judge(claims: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Set our number beside every claim.

    Parameters
    ----------
    claims : DataFrame
        Columns ``id section statement published tolerance``.
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns ``id section statement published ours tolerance status note``.

    Raises
    ------
    InputError
        If a claim has no function here.
    """
    rows = []
    for claim in claims.to_dict("records"):
        if claim["id"] not in FINDINGS:
            raise InputError(
                f"claim '{claim['id']}': nothing in vhi/claims.py computes it; known: {', '.join(FINDINGS)}"
            )
        try:
            found = FINDINGS[claim["id"]](evidence)
        except KeyError as error:
            raise InputError(
                f"claim '{claim['id']}' is checked against claim {error}, which claims.tsv lacks: add it"
            ) from error
        except TypeError as error:
            raise InputError(
                f"claim '{claim['id']}' is checked against numbers, found words in claims.tsv: {error}"
            ) from error
        status = found.status or status_of(found.ours, claim["published"], claim["tolerance"])
        rows.append({**claim, "ours": found.ours, "status": status, "note": found.note})
    return pd.DataFrame(
        rows, columns=["id", "section", "statement", "published", "ours", "tolerance", "status", "note"]
    )


def status_of(ours: float | None, published: float, tolerance: float | None) -> str:
    """Say whether two numbers agree; without ours, the data are not public."""
    if ours is None:
        return NOT_PUBLIC
    # A printed number stands for an interval that is closed on both sides, and binary fractions fall short of it.
    return REPRODUCED if abs(ours - published) <= (tolerance or 0) * (1 + 1e-9) else DIFFERS


def claim(*names: str) -> Callable:
    """Register a function as the one that computes these claims; it gets the evidence and, with several, the name."""

    def register(function):
        for name in names:
            FINDINGS[name] = function if len(names) == 1 else (lambda evidence, name=name: function(evidence, name))
        return function

    return register


# 2.2 to 2.4: cohort and protocol


@claim("subjects")
def _subjects(evidence):
    printed = evidence.printed
    return Finding(
        printed["male_subjects"] + printed["female_subjects"],
        "sum of the printed men and women; the table is not public",
    )


@claim("male_subjects", "female_subjects", "mean_age")
def _demographics(_, name):
    return Finding(None, "table of subjects not public")


def _of_stir(evidence):
    return evidence.scans[evidence.scans["echo_time_ms"].notna()]


@claim("echo_time")
def _echo_time(evidence):
    times = sorted(set(_of_stir(evidence)["echo_time_ms"]))
    if not times:
        return Finding(None, "no STIR header with an echo time")
    return Finding(
        times[0], f"headers of {len(_of_stir(evidence))} STIR scans say {', '.join(f'{t:g}' for t in times)} ms"
    )


@claim("pixel_spacing", "slice_thickness")
def _spacing(evidence, name):
    column = {"pixel_spacing": "spacing_mm", "slice_thickness": "between_slices_mm"}[name]
    values = _of_stir(evidence)[column]
    note = f"from the affines of {len(values)} STIR scans"
    if name == "slice_thickness":
        note += ": distance of slice centres, which holds a gap where slices are 3 mm thick"
    return Finding(float(values.median()), note) if len(values) else Finding(None, "no STIR scan")


@claim("image_matrix", "fewest_slices", "most_slices")
def _matrix(evidence, name):
    stir = _of_stir(evidence)
    if stir.empty:
        return Finding(None, "no STIR scan")
    value = {
        "image_matrix": stir["rows"].max(),
        "fewest_slices": stir["slices"].min(),
        "most_slices": stir["slices"].max(),
    }
    return Finding(int(value[name]), f"from {len(stir)} STIR scans")


@claim("small_region_area")
def _small_region_area(evidence):
    return Finding(4 * evidence.printed["pixel_spacing"] ** 2, "recomputed from the printed pixel spacing")


# 2.5.3: data partition and training


@claim("annotated_subjects", "training_subjects", "test_subjects")
def _partition_subjects(evidence, name):
    return Finding(int(_part(evidence, name)["subject"].nunique()), _counted(evidence))


@claim("annotated_slices", "training_slices", "test_slices")
def _partition_slices(evidence, name):
    return Finding(int(_part(evidence, name)["slices"].sum()), _counted(evidence))


def _counted(evidence):
    further = int((evidence.scans["annotated"].astype(bool) & (evidence.scans["role"] == "apply")).sum())
    note = "counted in the public scans, by their roles"
    return note + (
        f"; {further} further scans have a manual region, but no part in training or test" if further else ""
    )


def _part(evidence, name):
    roles = {"annotated": ["train", "test"], "training": ["train"], "test": ["test"]}[name.split("_")[0]]
    return evidence.scans[evidence.scans["role"].isin(roles) & evidence.scans["annotated"]]


@claim("fold_training_slices", "fold_validation_slices")
def _folds(evidence, name):
    part = _part(evidence, "training")
    if part["slices"].nunique() > 1 or len(part) % 4:
        return Finding(None, "training scans differ in their number of slices")
    quarter = int(part["slices"].sum()) // 4
    return Finding(quarter * (3 if "training" in name else 1), "six and two of eight subjects with 25 slices each")


@claim("best_epochs", "best_levels", "best_kernel")
def _selected(evidence, name):
    if evidence.selected:
        levels, kernel = (int(part.split("-")[1]) for part in evidence.selected["setting"].split("_"))
        ours = {"best_epochs": evidence.selected["steps"] // 350, "best_levels": levels, "best_kernel": kernel}[name]
        return Finding(ours, "selected by cross-validation over the whole grid")
    note = "selected by cross-validation in the training protocol, which this run did not train"
    if name == "best_epochs":
        note += "; the published learning curves have 100 epochs"
    else:
        note += "; the published weights have this form"
    return Finding(None, note, NOT_RUN)


@claim("evaluation_subjects", "evaluation_scans", "evaluation_slices")
def _evaluation(evidence, name):
    ours = {
        "evaluation_subjects": evidence.printed["subjects"] - evidence.printed["annotated_subjects"],
        "evaluation_scans": 2 * evidence.printed["evaluation_subjects"],
        "evaluation_slices": 25 * evidence.printed["evaluation_scans"],
    }[name]
    note = (
        "follows from the other printed numbers, but the data description of the repository counts 17 subjects and 34 "
        "scans evaluated, 10 to train and test, and 3 more that were used to train: 30 in all"
    )
    return Finding(ours, note, CONTRADICTS)


@claim("manual_subset")
def _manual_subset(evidence):
    if evidence.measurements is None:
        return Finding(None, "no manual readings")
    manual = evidence.measurements[evidence.measurements["method"] == "manual"]
    per_scan = manual.groupby("scan").size()
    return Finding(int((per_scan == 4).sum()), "scans with four manual masks")


@claim("composite_trials")
def _composite_trials(_):
    note = (
        "Results and Fig 5 take all four manual trials; Methods take two manual and two semi-automatic ones. Ours is the "
        "composite of Results: the cleaned masks are not public everywhere"
    )
    return Finding(4, note, CONTRADICTS)


@claim("removed_level")
def _removed_level(_):
    return Finding("L4/5", "the text says above L4/5, the legend of Fig 1 above L5/S1", CONTRADICTS)


# 3.2: disease region


@claim("no_overfitting")
def _no_overfitting(evidence):
    if evidence.learning_curves is None:
        return Finding(None, "learning curves absent", NOT_PUBLIC)
    best, rise = [], []
    for _, fold in evidence.learning_curves.groupby("fold"):
        loss = fold["validation_loss"].to_numpy()
        best.append(int(fold["epoch"].to_numpy()[loss.argmin()]))
        rise.append(100 * (loss[-1] / loss.min() - 1))
    note = (
        f"published validation losses of the folds are lowest at epochs {_and(best)} and end "
        f"{_and(f'{value:.0f}' for value in rise)} % higher"
    )
    return Finding("losses rise again", note, CONTRADICTS)


@claim("test_dice_mean", "test_dice_min", "test_dice_max")
def _test_dice(evidence, name):
    if evidence.trained_test_dice is not None:
        ours = float(getattr(evidence.trained_test_dice, name.rsplit("_", 1)[1])())
        return Finding(
            ours, f"{len(evidence.trained_test_dice)} slices, by an ensemble trained here that has not seen them"
        )
    note = "needs networks that have not seen the test scans: train them (make paper-train)"
    if evidence.published_test_dice is not None:
        value = getattr(evidence.published_test_dice, name.rsplit("_", 1)[1])()
        note += f"; the published table of {len(evidence.published_test_dice)} slices gives {value:.4f}"
    return Finding(None, note, NOT_RUN)


@claim("satisfactory_subjects")
def _satisfactory(_):
    return Finding(None, "judgements by eye not public")


@claim("failed_subjects")
def _failed(evidence):
    ours = evidence.printed["evaluation_subjects"] - evidence.printed["satisfactory_subjects"]
    return Finding(ours, "printed number of subjects less the satisfactory ones; the judgements are not public")


# 3.3: overlap


@claim("manual_dice_min", "manual_dice_max")
def _manual_dice_range(evidence, name):
    manual = _pairs(evidence, "manual")
    if manual.empty:
        return Finding(None, "no manual masks")
    value = manual["dice"].min() if name.endswith("min") else manual["dice"].max()
    return Finding(float(value), f"from {len(manual)} pairs of masks")


@claim("intra_dice_r1", "intra_dice_r2")
def _intra_dice(evidence, name):
    return _median_dice(evidence, (f"R{name[-1]}.1", f"R{name[-1]}.2"))


@claim("inter_dice_low", "inter_dice_high")
def _inter_dice(evidence, name):
    manual = _pairs(evidence, "manual")
    between = manual[manual["a"].str.split(".").str[0] != manual["b"].str.split(".").str[0]]
    if between.empty:
        return Finding(None, "no manual masks")
    medians = between.groupby(["a", "b"])["dice"].median()
    return Finding(
        float(medians.min() if name.endswith("low") else medians.max()), f"from {len(medians)} pairs of trials"
    )


@claim("cleaned_dice")
def _cleaned_dice(evidence):
    cleaned = _pairs(evidence, "semiautomatic")
    if cleaned.empty or cleaned["source"].ne("masks").any():
        note = "cleaned masks not public"
        if not cleaned.empty:
            note += f"; the published table of {len(cleaned)} scans gives a median of {cleaned['dice'].median():.4f}"
        return Finding(None, note)
    return Finding(float(cleaned["dice"].median()), f"from {len(cleaned)} pairs of masks")


@claim("dice_increase_low", "dice_increase_high")
def _dice_increase(evidence, name):
    printed, low = evidence.printed, name.endswith("low")
    base = printed["inter_dice_high"] if low else printed["inter_dice_low"]
    points = round(100 * (printed["cleaned_dice"] - base), 6)
    note = f"percentage points of the printed medians; as a relative increase it is {100 * points / (100 * base):.0f} %"
    return Finding(points, note, CONTRADICTS)


@claim("preliminary_dice_r1", "preliminary_dice_r2")
def _preliminary_dice(evidence, name):
    if evidence.dice is None:
        return Finding(None, "no readings")
    frame = evidence.dice
    frame = frame[
        (frame["b"] == "preliminary") & (frame["method"] == "semiautomatic") & (frame["a"] == f"R{name[-1]}.1")
    ]
    if frame.empty:
        return Finding(None, "no cleaned readings")
    note = f"from {len(frame)} cleaned masks"
    if frame["source"].ne("masks").any():
        note = (
            f"our preliminary segmentations and the published V_HI of {len(frame)} scans, cleaned masks taken to lie within "
            "the preliminary ones"
        )
    return Finding(float(frame["dice"].median()), note)


def _pairs(evidence, method):
    if evidence.dice is None:
        return pd.DataFrame(columns=["a", "b", "dice", "source"])
    frame = evidence.dice
    return frame[(frame["method"] == method) & (frame["b"] != "preliminary") & frame["dice"].notna()]


def _median_dice(evidence, pair):
    manual = _pairs(evidence, "manual")
    scores = manual.loc[(manual["a"] == pair[0]) & (manual["b"] == pair[1]), "dice"]
    return (
        Finding(float(scores.median()), f"from {len(scores)} pairs of masks")
        if len(scores)
        else Finding(None, "no masks")
    )


# 3.4 and 3.5: where three printed numbers hang together, the check counts once, for the one that follows from the others.


@claim("vhi_bias", "sparcc_bias", "change_slope", "change_intercept")
def _middle(evidence, name):
    ends = ("limit_low", "limit_high") if name.endswith("bias") else ("low", "high")
    stem = name.removesuffix("_bias")
    ours = sum(evidence.printed[f"{stem}_{end}"] for end in ends) / 2
    return Finding(ours, "middle of the printed limits; the readings of all 58 scans are not public")


@claim("vhi_limit_low", "vhi_limit_high", "sparcc_limit_low", "sparcc_limit_high")
@claim("change_slope_low", "change_slope_high", "change_intercept_low", "change_intercept_high")
def _limit(_, name):
    return Finding(None, "readings of all 58 scans not public; the printed estimate lies in the middle of its limits")


@claim("vhi_range_low", "sparcc_range_low", "sparcc_range_high")
def _ranges(_, name):
    return Finding(None, "readings of all 58 scans not public")


@claim("vhi_range_high")
def _vhi_range_high(evidence):
    if evidence.measurements is None:
        return Finding(None, "readings of all 58 scans not public")
    cleaned = evidence.measurements[evidence.measurements["method"] == "semiautomatic"].dropna(subset=["vhi_voxels"])
    means = cleaned.groupby("scan")["vhi_voxels"].mean()
    if means.empty:
        return Finding(None, "readings of all 58 scans not public")
    note = (
        f"published counts of scan {means.idxmax()} average {means.max():,.1f}, above the printed maximum of all scans; "
        "perhaps the agreement analysis kept subchondral bone only"
    )
    return Finding(None, note, CONTRADICTS if means.max() > evidence.printed["vhi_range_high"] else NOT_PUBLIC)


@claim("sparcc_limits_unit")
def _sparcc_unit(_):
    return Finding("score units", "SPARCC is a score from 0 to 72 and has no voxels", CONTRADICTS)


# 3.5: response


@claim("clinical_nonresponders")
def _nonresponders(evidence):
    return Finding(
        N - evidence.printed["clinical_responders"], "29 less the responders; the clinical table is not public"
    )


@claim("clinical_responders")
@claim("vhi_true_responders", "sparcc_true_responders", "vhi_true_nonresponders", "sparcc_true_nonresponders")
def _responders(_, name="clinical_responders"):
    return Finding(None, "clinical table and readings of all 58 scans not public")


@claim("sparcc_nonresponders_of")
def _sparcc_of(evidence):
    note = (
        "there are 13 clinical non-responders; the regression has n = 29 (its R2 follows from slope and interval with 29, "
        "not with 28), so that no change in SPARCC is missing"
    )
    return Finding(N - evidence.printed["clinical_responders"], note, CONTRADICTS)


@claim("vhi_clinical_agreement", "sparcc_clinical_agreement")
def _clinical_agreement(evidence, name):
    what = name.split("_")[0]
    ours = evidence.printed[f"{what}_true_responders"] + evidence.printed[f"{what}_true_nonresponders"]
    return Finding(ours, "sum of the printed counts; the tables are not public")


@claim("vhi_sparcc_agreement")
def _parity(evidence):
    kinds = ("vhi_clinical", "sparcc_clinical", "vhi_sparcc")
    apart = [N - evidence.printed[f"{kind}_agreement"] for kind in kinds]
    note = (
        f"three yes-or-no judgements of one subject differ in none or two of their three pairs, so that the disagreements "
        f"must add up to an even number; printed are {' + '.join(map(str, apart))} = {sum(apart)}"
    )
    return Finding(None, note, CONTRADICTS if sum(apart) % 2 else NOT_PUBLIC)


@claim("change_slope_p", "change_intercept_p", "change_r2")
def _implied(evidence, name):
    what = "change_intercept" if name == "change_intercept_p" else "change_slope"
    at, low, high = (evidence.printed[what + end] for end in ("", "_low", "_high"))
    t = at / ((high - low) / 2 / stats.t.ppf(0.975, N - 2))
    ours = t**2 / (t**2 + N - 2) if name == "change_r2" else 2 * stats.t.sf(abs(t), N - 2)
    return Finding(float(ours), f"implied by the printed estimate, interval and n = {N}; the changes are not public")


@claim("nice_response")
def _nice(_):
    note = (
        "NICE TA383 asks for a fall of BASDAI to half or by 2 units and of spinal pain by 2 cm; the rule used asks for 1.2 "
        "units and 1 cm"
    )
    return Finding("less strict", note, CONTRADICTS)


# 3.6: failure


@claim("discrepant_scans")
def _discrepant(evidence):
    kinds = ("anatomical", "artefactual", "morphological")
    ours = sum(evidence.printed[f"{kind}_discrepancies"] for kind in kinds)
    return Finding(ours, "sum of the printed kinds; readings of all 58 scans not public")


@claim("scans")
def _scans(evidence):
    return Finding(2 * evidence.printed["subjects"], "two per printed subject")


@claim("anatomical_discrepancies", "artefactual_discrepancies", "morphological_discrepancies")
def _discrepancies(_, name):
    if name == "anatomical_discrepancies":
        return Finding(None, "the text says 3 cases, 'anatomical in all two cases' and artefactual in one", CONTRADICTS)
    return Finding(None, "readings of all 58 scans not public")


def _and(values) -> str:
    *most, last = [str(value) for value in values]
    return f"{', '.join(most)} and {last}" if most else last


def geometry_row(shape: tuple, spacing: tuple, description: bytes | str) -> dict:
    """Facts of a scan's header: shape and spacing in presentation order, echo time from the free text (``TE=60;...``)."""
    text = description.decode("latin-1") if isinstance(description, bytes) else str(description)
    echo = next((part[3:] for part in text.strip("\0").split(";") if part.startswith("TE=")), None)
    return {
        "slices": shape[0],
        "rows": shape[1],
        "columns": shape[2],
        "spacing_mm": spacing[2],
        "between_slices_mm": spacing[0],
        "echo_time_ms": float(echo) if echo else np.nan,
    }
