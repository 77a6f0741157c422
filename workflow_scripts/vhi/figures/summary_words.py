"""What a summary of one subject says: V_HI of each session and reader, its change, and words for it (paper, Discussion)."""

from collections.abc import Collection, Mapping

import numpy as np

from vhi.figures.summary_texts import number, texts
from vhi.figures.summary_values import change_of

TEASPOON_ML = 5
"""A measure that everybody has at home."""

PARTS_OF_A_SPOON = (
    (0.05, "spoon_drops"), (0.18, "spoon_tenth"), (0.35, "spoon_quarter"), (0.75, "spoon_half"), (1.3, "spoon_one"),
    (1.75, "spoon_one_and_half"),
)  # fmt: skip


def volume(ml: float, language: str = "en") -> str:
    """Print a volume with two decimals, three where it is small."""
    return f"{number(ml, '.3f' if 0 < abs(ml) < 0.1 else '.2f', language)} ml"


def headline(pre: dict | None, post: dict | None, error: Mapping | None = None, language: str = "en") -> str:
    """Say the result in one line, and of a change whether it is beyond measurement error (`error` as for `for_clinician`)."""
    say = texts(language)
    if not (pre and post):
        return say["only_pre" if pre else "only_post"].format(value=volume((pre or post)["ml"], language))
    change = change_of(pre, post)
    if not change:
        before, after = volume(pre["ml"], language), volume(post["ml"], language)
        return say["different"].format(before=before, after=after)
    before, after = volume(change["before"], language), volume(change["after"], language)
    key = "same" if change["ml"] == 0 else "fell" if change["ml"] < 0 else "rose"
    share = f" ({change['percent']:+.0f} %)" if change["ml"] and change["percent"] is not None else ""
    said = say[key].format(before=before, after=after) + share
    if not change["ml"]:
        return said
    return said + say["head_unknown" if not error else "head_within" if error["flag"] == "no" else "head_beyond"]


def for_clinician(
    pre: dict | None,
    post: dict | None,
    detectable_ml: float | None = None,
    error: Mapping | None = None,
    joints: Mapping[str, list[float]] | None = None,
    language: str = "en",
) -> list[str]:
    """Say to a clinician what was measured, how far the readers agree, and what a change is worth.

    Parameters
    ----------
    pre, post : dict or None
        What `session_value` gives; None where the session was not read.
    detectable_ml : float, optional
        Smallest change that the readers of this study can tell from none, ml.
    error : mapping, optional
        ``probability_of_decrease flag`` of `vhi.uncertainty.change`.
    joints : mapping, optional
        V_HI in ml of each session by joint (``right ilium``, ...), of `vhi.figures.summary_values.joints_ml`.
    language : str
    """
    say = texts(language)
    said = [say["clin_what"]]
    change = change_of(pre, post) if pre and post else {}
    if change:
        each = ", ".join(f"{reader} {number(ml, '+.2f', language)} ml" for reader, ml in change["readers"].items())
        ml = number(change["ml"], "+.2f", language)
        said.append(say["clin_change"].format(ml=ml, voxels=number(change["voxels"], "+,.0f", language), each=each))
        signs = {np.sign(ml) for ml in change["readers"].values()}
        if len(signs) > 1:
            said.append(say["clin_direction"])
        if detectable_ml is not None and np.isfinite(detectable_ml):
            key = "clin_beyond" if abs(change["ml"]) > detectable_ml else "clin_within"
            said.append(say[key].format(limit=number(detectable_ml, ".2f", language)))
        if error:
            key = "clin_error_within" if error["flag"] == "no" else "clin_error_beyond"
            said.append(say[key].format(chance=in_percent(100 * error["probability_of_decrease"], language)))
    else:
        said.append(say["clin_no_both" if pre and post else "clin_one"])
    if joints:
        to = f" {say['to']} "
        each = ", ".join(
            f"{say[joint]} {to.join(number(ml, '.2f', language) for ml in values)}" for joint, values in joints.items()
        )
        said.append(say["clin_joints" if pre and post else "clin_joints_one"].format(each=each))
    return said


def for_patient(
    pre: dict | None,
    post: dict | None,
    error: Mapping | None = None,
    marks: Collection[str] = ("lower", "upper"),
    language: str = "en",
) -> list[str]:
    """Say the same to the patient, without numbers that need training to read.

    `error` is as for `for_clinician`; `marks` are those that the pictures show, of `vhi.figures.summary_shown.marks_seen`.
    """
    say = texts(language)
    said = [say["pat_joints"]]
    if not any(session["voxels"] for session in (pre, post) if session):
        return [*said, say["pat_nothing"], say["pat_feel"]]
    part = say["part_coloured" if marks else "part_measured"]
    if marks:
        colours = [colour for colour in ("lower", "upper") if colour in marks]
        said[0] += " " + say["pat_both" if len(colours) == 2 else f"pat_{colours[0]}"]
        said += [say["pat_pale"]] if "pale" in marks else []
    else:
        said.append(say["pat_uncoloured"])
    change = change_of(pre, post) if pre and post else {}
    if change:
        how = "smaller" if change["ml"] < 0 else "larger"
        now, then = spoons(change["after"], language), spoons(change["before"], language)
        key = "pat_same" if not change["ml"] else f"pat_little_{how}" if now == then else f"pat_{how}"
        said.append(say[key].format(part=part, now=now, then=then))
        if error and change["ml"]:
            said.append(say["pat_chance" if error["flag"] == "no" else "pat_beyond"])
    elif pre and post:
        said.append(say["pat_different"])
    else:
        said.append(say["pat_together"].format(part=part, now=spoons((pre or post)["ml"], language)))
    return [*said, say["pat_feel"]]


def in_percent(chance: float, language: str = "en") -> str:
    """Print a probability in per cent, never as a certainty."""
    say = texts(language)
    return say["over_99"] if chance > 99 else say["under_1"] if chance < 1 else f"{chance:.0f} %"


def spoons(ml: float, language: str = "en") -> str:
    """Compare a volume with a teaspoon."""
    say, share = texts(language), ml / TEASPOON_ML
    if ml == 0:
        return say["spoon_none"]
    if share >= 6:
        return say["tablespoons"].format(n=f"{share / 3:.0f}")
    if share >= 1.75:
        return say["teaspoons"].format(n=f"{share:.0f}")
    return say[next(key for limit, key in PARTS_OF_A_SPOON if share < limit)]
