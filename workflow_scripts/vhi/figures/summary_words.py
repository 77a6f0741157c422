"""What a summary of one subject says: V_HI of each session and reader, its change, and words for it (paper, Discussion)."""

from collections.abc import Mapping

import numpy as np

from vhi.figures.summary_values import change_of

TEASPOON_ML = 5
"""A measure that everybody has at home."""

PARTS_OF_A_SPOON = (
    (0.05, "less than a few drops"),
    (0.18, "about a tenth of a teaspoon"),
    (0.35, "about a quarter of a teaspoon"),
    (0.75, "about half a teaspoon"),
    (1.3, "about a teaspoon"),
    (1.75, "about one and a half teaspoons"),
)

RESEARCH = "Research use only: not for diagnosis, nor for decisions about treatment."


def volume(ml: float) -> str:
    """Print a volume with two decimals, three where it is small."""
    return f"{ml:.3f} ml" if 0 < abs(ml) < 0.1 else f"{ml:.2f} ml"


def headline(pre: dict | None, post: dict | None) -> str:
    """Say the result in one line."""
    if not (pre and post):
        only, when = (pre, "before") if pre else (post, "after")
        return f"Volume of hyperintense inflammation {when} treatment: {volume(only['ml'])}"
    change = change_of(pre, post)
    if not change:
        return f"{volume(pre['ml'])} before, {volume(post['ml'])} after treatment, by different readers: no change is given"
    if change["ml"] == 0:
        return f"$V_{{HI}}$ is {volume(change['after'])}, as before treatment"
    verb = "fell" if change["ml"] < 0 else "rose"
    share = "" if change["percent"] is None else f" ({change['percent']:+.0f} %)"
    return f"$V_{{HI}}$ {verb} from {volume(change['before'])} to {volume(change['after'])}{share}"


def for_clinician(
    pre: dict | None, post: dict | None, detectable_ml: float | None = None, error: Mapping | None = None
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
    """
    said = [
        "V_HI is the volume of bone near the sacroiliac joints that is brighter on STIR than normal marrow of the same scan, "
        "after a radiologist has removed vessels, joint fluid and other structures."
    ]
    change = change_of(pre, post) if pre and post else {}
    if change:
        each = ", ".join(f"{reader} {ml:+.2f} ml" for reader, ml in change["readers"].items())
        said.append(f"Change {change['ml']:+.2f} ml ({change['voxels']:+,.0f} voxels); by reader: {each}.")
        signs = {np.sign(ml) for ml in change["readers"].values()}
        if len(signs) > 1:
            said.append("The readers do not agree on the direction of the change.")
        if detectable_ml is not None and np.isfinite(detectable_ml):
            beyond = "beyond" if abs(change["ml"]) > detectable_ml else "within"
            said.append(
                f"That is {beyond} what readers of this study differ by (smallest detectable change {detectable_ml:.2f} ml)."
            )
        if error:
            beyond = "within" if error["flag"] == "no" else "beyond"
            chance = 100 * error["probability_of_decrease"]
            said.append(
                f"With all known sources of error, the change is {beyond} measurement error (probability of a decrease "
                f"{in_percent(chance)})."
            )
    elif pre and post:
        said.append("No reader read both sessions, so no change is given.")
    else:
        said.append("There is one session only, so no change.")
    return said


def for_patient(pre: dict | None, post: dict | None, error: Mapping | None = None, coloured: bool = True) -> list[str]:
    """Say the same to the patient, without numbers that need training to read.

    `error` is as for `for_clinician`; `coloured`: whether the pictures mark V_HI.
    """
    said = ["The pictures show the joints between your spine and your pelvis."]
    part = "coloured part" if coloured else "measured part"
    readers = max(len(session["readers"]) for session in (pre, post) if session)
    if coloured:
        said[0] += (
            " Coloured bone seems to hold more fluid than your normal bone, orange-red more than yellow; that often goes "
            "with inflammation."
        )
        if readers > 1:
            said.append("Pale colours: not every reader of your scan saw it so. The amounts are their average.")
    else:
        said += [
            "Readers measured how much bone seems to hold more fluid than your normal bone; that often goes with inflammation. "
            "These pictures do not mark it, and bright places in them need not be it.",
        ]
    change = change_of(pre, post) if pre and post else {}
    if change:
        how = "smaller than" if change["ml"] < 0 else "larger than"
        now, then = spoons(change["after"]), spoons(change["before"])
        if not change["ml"]:
            said.append(f"After treatment the {part} is as large as before: {now}.")
        elif now == then:
            said.append(f"After treatment the {part} is a little {how} before: {now} both times.")
        else:
            said.append(f"After treatment the {part} is {how} before: {now}, compared with {then} before.")
        if error and change["ml"]:
            said.append(
                "Two scans of the same person on one day can differ by this much, so it may be chance."
                if error["flag"] == "no"
                else "Two scans of the same person on one day rarely differ by this much."
            )
    elif pre and post:
        said.append("Different readers looked at the two scans, so that their amounts are not compared here.")
    else:
        said.append(f"Together the {part}s are {spoons((pre or post)['ml'])}.")
    said.append("The pictures do not say how you feel. Talk them over with your doctor.")
    return said


def in_percent(chance: float) -> str:
    """Print a probability in per cent, never as a certainty."""
    return "over 99 %" if chance > 99 else "under 1 %" if chance < 1 else f"{chance:.0f} %"


def spoons(ml: float) -> str:
    """Compare a volume with a teaspoon."""
    share = ml / TEASPOON_ML
    if ml == 0:
        return "nothing at all"
    if share >= 6:
        return f"about {share / 3:.0f} tablespoons"
    if share >= 1.75:
        return f"about {share:.0f} teaspoons"
    return next(words for limit, words in PARTS_OF_A_SPOON if share < limit)
