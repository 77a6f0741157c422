"""The page of one subject: before and after treatment side by side, in words for clinician and patient."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vhi.figures import INK, LOWER_COLOUR, MUTED, UPPER_COLOUR, new_figure
from vhi.figures_scans import crop_to, draw_labels, draw_slice, mark_right
from vhi.inflammation import UPPER
from vhi.summary import RESEARCH, for_clinician, for_patient, headline, volume

A4 = (8.27, 11.69)  # inches
ROWS = 3
TITLES = {"pre": "Before treatment", "post": "After treatment"}


def shown_slices(labels: np.ndarray, count: int = ROWS) -> list[int]:
    """Choose slices: those with most coloured voxels, red ones first among equals, in the order of the stack.

    Parameters
    ----------
    labels : (slices, rows, columns) array
        0, 1 and 2.
    count : int

    Returns
    -------
    list of int
        At least two apart where there are enough; around the middle where nothing is coloured.
    """
    weight = (labels > 0).sum(axis=(1, 2)) + 0.001 * (labels == UPPER).sum(axis=(1, 2))
    weight = weight - 1e-6 * np.abs(np.arange(len(labels)) - len(labels) / 2)
    apart = 2 if len(labels) >= 4 * count else 1
    chosen: list[int] = []
    for place in np.argsort(-weight):
        if len(chosen) < count and all(abs(place - other) >= apart for other in chosen):
            chosen.append(int(place))
    return sorted(chosen)


def draw_summary(subject: str, sessions: dict[str, dict], detectable_ml: float | None, simulated: bool) -> Figure:
    """Draw the page.

    Parameters
    ----------
    subject : str
    sessions : dict
        By ``pre`` and ``post``: ``scan``, ``value`` (`vhi.summary.session_value`), ``stir``, ``labels`` and ``region``
        (slices, rows, columns), ``spacing`` (of rows and columns, mm) and ``shown`` (whose segmentation it is).
    detectable_ml : float or None
        Smallest detectable change of the study, ml.
    simulated : bool

    Returns
    -------
    Figure
        A4, upright.
    """
    pre, post = (sessions[name]["value"] if name in sessions else None for name in ("pre", "post"))
    figure = new_figure(*A4)
    figure.set_layout_engine("none")
    note = "Simulated subject, no real person. " if simulated else ""
    figure.text(0.06, 0.965, f"Subject {subject}", fontsize=16, weight="bold", color=INK)
    figure.text(0.94, 0.967, "Inflammation of the sacroiliac joints on MRI", fontsize=10, ha="right", color=MUTED)
    figure.text(0.06, 0.935, headline(pre, post), fontsize=14, color=INK)
    figure.text(0.06, 0.915, note + RESEARCH, fontsize=8.5, color=UPPER_COLOUR, weight="bold")
    _draw_slices(figure, sessions)
    patches = [
        Patch(facecolor=LOWER_COLOUR, edgecolor=MUTED, label="brighter than normal marrow"),
        Patch(facecolor=UPPER_COLOUR, edgecolor=MUTED, label="brighter than any of the normal marrow"),
    ]
    figure.legend(handles=patches, loc="center", bbox_to_anchor=(0.5, 0.285), ncols=2, fontsize=9)
    for left, title, said in (
        (0.06, "For the clinician", for_clinician(pre, post, detectable_ml)),
        (0.53, "For the patient", for_patient(pre, post, detectable_ml)),
    ):
        figure.text(left, 0.255, title, fontsize=11, weight="bold", va="top", color=INK)
        words = "\n".join(textwrap.fill(sentence, 50) for sentence in said)
        figure.text(left, 0.235, words, fontsize=9, va="top", linespacing=1.35, color=INK)
    figure.text(
        0.06,
        0.025,
        "Method: Hepburn et al., PLoS ONE 2023, 18(4): e0284508. Details: report.html of the study.",
        fontsize=7,
        color=MUTED,
    )
    return figure


def _draw_slices(figure: Figure, sessions: dict[str, dict]) -> None:
    """Two columns of slices with their numbers above; a session that is missing leaves its column empty."""
    for left, name in ((0.06, "pre"), (0.53, "post")):
        figure.text(left, 0.885, TITLES[name], fontsize=12, weight="bold", color=INK)
        if name not in sessions:
            figure.text(left, 0.865, "no reading of this session", fontsize=9, color=MUTED)
            continue
        session = sessions[name]
        value = session["value"]
        each = ", ".join(f"{reader} {volume(ml)}" for reader, (_, ml) in value["readers"].items())
        mean = f"mean of {len(value['readers'])} readers" if len(value["readers"]) > 1 else "one reader"
        figure.text(
            left, 0.866, f"$V_{{HI}}$ {volume(value['ml'])}, {value['voxels']:,.0f} voxels ({mean})", fontsize=9.5
        )
        figure.text(left, 0.85, f"{each}. Shown: {session['shown']}", fontsize=8, color=MUTED)
        rows, columns = crop_to(session["region"], margin=session["stir"].shape[1] // 20)
        window = (0, np.percentile(session["stir"][session["region"] > 0], 99.9)) if session["region"].any() else None
        chosen = shown_slices(session["labels"])
        for line, place in enumerate(chosen):
            ax = figure.add_axes((left, 0.84 - 0.178 * (line + 1), 0.41, 0.172))
            draw_slice(session["stir"][place, rows, columns], ax, session["spacing"], "", window)
            ax.set_anchor("NW")
            draw_labels(session["labels"][place, rows, columns], ax)
            mark_right(ax)
            ax.annotate(f"slice {place}", (0.98, 0.03), xycoords="axes fraction", ha="right", color="white", fontsize=7)
