"""What a summary of one subject says: V_HI of each session and reader, its change, and words for it (paper, Discussion)."""

from collections.abc import Sequence

import numpy as np

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


def session_value(readings: Sequence[dict]) -> dict:
    """Mean of the readers of one session.

    Parameters
    ----------
    readings : sequence of dict
        ``reader voxels voxel_mm3`` of one scan.

    Returns
    -------
    dict
        ``voxels ml`` (means), ``readers`` (dict of reader to (voxels, ml)); all empty or NaN where nobody has read.
    """
    readers = {row["reader"]: (row["voxels"], row["voxels"] * row["voxel_mm3"] / 1000) for row in readings}
    voxels, ml = (np.mean([value[at] for value in readers.values()]) if readers else np.nan for at in (0, 1))
    return {"voxels": float(voxels), "ml": float(ml), "readers": readers}


def volume(ml: float) -> str:
    """Print a volume with two decimals, three where it is small."""
    return f"{ml:.3f} ml" if 0 < abs(ml) < 0.1 else f"{ml:.2f} ml"


def change_of(pre: dict, post: dict) -> dict:
    """Change from before to after treatment, of the readers who read both.

    Returns
    -------
    dict
        ``ml voxels`` (post less pre, mean of those readers), ``percent`` (of pre; None where pre is 0), ``readers`` (dict of
        reader to ml); empty where no reader read both.
    """
    both = [reader for reader in pre["readers"] if reader in post["readers"]]
    if not both:
        return {}
    voxels, ml = (np.array([[s["readers"][r][at] for r in both] for s in (pre, post)], float) for at in (0, 1))
    before, after = ml.mean(axis=1)
    return {
        "ml": float(after - before),
        "voxels": float(np.diff(voxels.mean(axis=1))[0]),
        "percent": float(100 * (after - before) / before) if before > 0 else None,
        "readers": {reader: float(ml[1, at] - ml[0, at]) for at, reader in enumerate(both)},
    }


def headline(pre: dict | None, post: dict | None) -> str:
    """Say the result in one line."""
    if not (pre and post):
        only, when = (pre, "before") if pre else (post, "after")
        return f"Volume of hyperintense inflammation {when} treatment: {volume(only['ml'])}"
    change = change_of(pre, post)
    if not change:
        return f"{volume(pre['ml'])} before, {volume(post['ml'])} after treatment, by different readers: no change is given"
    before, after = (
        np.mean([session["readers"][reader][1] for reader in change["readers"]]) for session in (pre, post)
    )
    if change["ml"] == 0:
        return f"$V_{{HI}}$ is {volume(after)}, as before treatment"
    verb = "fell" if change["ml"] < 0 else "rose"
    share = "" if change["percent"] is None else f" ({change['percent']:+.0f} %)"
    return f"$V_{{HI}}$ {verb} from {volume(before)} to {volume(after)}{share}"


def for_clinician(pre: dict | None, post: dict | None, detectable_ml: float | None = None) -> list[str]:
    """Say to a clinician what was measured, how far the readers agree, and what a change is worth.

    Parameters
    ----------
    pre, post : dict or None
        What `session_value` gives; None where the session was not read.
    detectable_ml : float, optional
        Smallest change that the readers of this study can tell from none, ml.
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
    else:
        said.append("There is one session only, so no change.")
    return said


def for_patient(pre: dict | None, post: dict | None, detectable_ml: float | None = None) -> list[str]:
    """Say the same to the patient, without numbers that need training to read."""
    said = [
        "The pictures show the joints between your spine and your pelvis. Coloured bone seems to hold more fluid than your normal "
        "bone, orange-red more than yellow; that often goes with inflammation."
    ]
    change = change_of(pre, post) if pre and post else {}
    if change:
        how = "smaller than" if change["ml"] < 0 else "larger than" if change["ml"] > 0 else "as large as"
        now, then = spoons(post["ml"]), spoons(pre["ml"])
        if now == then and change["ml"]:
            said.append(f"After treatment the coloured part is a little {how} before: {now} both times.")
        else:
            said.append(f"After treatment the coloured part is {how} before: {now}, before it was {then}.")
        if detectable_ml is not None and 0 < abs(change["ml"]) <= detectable_ml:
            said.append("The difference is so small that it may be chance.")
    else:
        said.append(f"Together the coloured parts are {spoons((pre or post)['ml'])}.")
    said.append("The pictures do not say how you feel. Talk them over with your doctor.")
    return said


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
