"""Page of the multiverse, where a universe can be picked: static, with its data inside."""

import json

import numpy as np
import pandas as pd

from vhi.multiverse.names import WITH_SCALE, WITHOUT_SCALE
from vhi.report.html import render

SHOWN = {"subjects": "subjects"} | WITHOUT_SCALE | WITH_SCALE | {
    "lower_limit": "lower limit of agreement", "upper_limit": "upper limit of agreement", "p_change": "P of the change",
    "agreement": "agreement with clinical response", "unjudged": "share of voxels that no reader judged",
    "as_cleaned": "share of readings whose segmentation is the one that was cleaned",
    "preliminary_voxels": "mean preliminary volume, voxels",
}  # fmt: skip


def multiverse_page(title: str, universes: pd.DataFrame, outcomes: pd.DataFrame, said: str, outcome: str) -> str:
    """Make the page.

    Parameters
    ----------
    title, said : str
        Of the study; its conclusion in one sentence.
    universes, outcomes : DataFrame
        Rows belong together.
    outcome : str
        The outcome of the curve.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere. Outcomes have four significant digits, so that the report can hold the page.
    """
    axes = {axis: list(dict.fromkeys(universes[axis].astype(str))) for axis in universes.columns[3:]}
    known = [name for name in SHOWN if outcomes[name].notna().any()]
    data = {
        "axes": [{"name": axis, "values": values} for axis, values in axes.items()],
        "choices": [universes[axis].astype(str).map(values.index).tolist() for axis, values in axes.items()],
        "base": int(np.argmax(universes["base"] == "yes")),
        "has_base": bool((universes["base"] == "yes").any()),
        "outcomes": [{"name": SHOWN[name], "values": _rounded(outcomes[name])} for name in known],
        "curve": known.index(outcome) if outcome in known else None,
    }
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return render("multiverse.html", title=f"{title}: pick a universe", said=said, data=text)


def _rounded(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(f"{value:.4g}") for value in column]
