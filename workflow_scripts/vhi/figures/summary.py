"""The page of one subject: before and after treatment side by side, in words for clinician and patient."""

import textwrap
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vhi.figures.scans import draw_labels, draw_slice, mark_right
from vhi.figures.style import INK, LOWER_COLOUR, MUTED, UPPER_COLOUR, new_figure
from vhi.figures.summary_shown import shown_levels, what_is_shown
from vhi.figures.summary_words import RESEARCH, for_clinician, for_patient, headline, volume
from vhi.io.orientation import slice_name

A4 = (8.27, 11.69)  # inches
LEFT, RIGHT, WIDTH = 0.05, 0.515, 0.435  # of the two columns, in parts of the page
TOP, BOTTOM = 0.825, 0.285  # of the pictures
LEVELS = 2
MARGIN_MM = 10.0  # shown around the disease region
PALE, FULL = 0.35, 0.8  # opacity of what some and of what all readers kept
TITLES = {"pre": "Before treatment", "post": "After treatment"}
OTHER = {"pre": "post", "post": "pre"}


def draw_summary(
    subject: str, sessions: dict[str, dict], detectable_ml: float | None, error: Mapping | None, simulated: bool
) -> Figure:
    """Draw the page.

    Parameters
    ----------
    subject : str
    sessions : dict
        By ``pre`` and ``post``, of `vhi.figures.summary_shown.with_values`, with ``stir`` and ``region`` (slices, rows, columns),
        ``spacing`` (of slices, rows and columns, mm) and ``limits`` (of normal marrow: ``q1 q3``).
    detectable_ml : float or None
        Smallest detectable change of the study, ml.
    error : mapping or None
        The subject's row of change_error.tsv.
    simulated : bool

    Returns
    -------
    Figure
        A4, upright.
    """
    pre, post = (sessions[name]["value"] if name in sessions else None for name in ("pre", "post"))
    coloured = all(session["share"] is not None for session in sessions.values())
    figure = new_figure(*A4)
    figure.set_layout_engine("none")
    note = "Simulated subject, no real person. " if simulated else ""
    figure.text(LEFT, 0.965, f"Subject {subject}", fontsize=16, weight="bold", color=INK)
    figure.text(0.95, 0.967, "Inflammation of the sacroiliac joints on MRI", fontsize=10, ha="right", color=MUTED)
    figure.text(LEFT, 0.937, headline(pre, post), fontsize=14, color=INK)
    figure.text(LEFT, 0.918, note + RESEARCH, fontsize=8.5, color=UPPER_COLOUR, weight="bold")
    for name, session in sessions.items():
        alone = f" (no reading {TITLES[OTHER[name]].lower()})" if len(sessions) == 1 else ""
        visit = "" if session["visit"] in TITLES else f" ({session['visit']})"
        _say_values(figure, _left(name, sessions), TITLES[name] + visit + alone, session, 120 if alone else 62)
    _draw_levels(figure, sessions)
    if coloured:
        patches = [
            Patch(facecolor=LOWER_COLOUR, edgecolor=MUTED, label="brighter than normal marrow"),
            Patch(facecolor=UPPER_COLOUR, edgecolor=MUTED, label="brighter than any of the normal marrow"),
        ]
        figure.legend(handles=patches, loc="center", bbox_to_anchor=(0.5, 0.268), ncols=2, fontsize=9)
    for left, title, said in (
        (LEFT, "For the clinician", for_clinician(pre, post, detectable_ml, error)),
        (RIGHT, "For the patient", for_patient(pre, post, error, coloured)),
    ):
        figure.text(left, 0.245, title, fontsize=11, weight="bold", va="top", color=INK)
        words = "\n".join(textwrap.fill(sentence, 51) for sentence in said)
        figure.text(left, 0.226, words, fontsize=9, va="top", linespacing=1.3, color=INK)
    levels = ""
    if len(sessions) > 1:
        levels = (
            "Rows: same distance from the middle of the disease region (scans are not registered). One brightness scale, relative "
            "to the normal marrow of each scan."
        )
    method = "Method: Hepburn et al., PLoS ONE 2023, 18(4): e0284508. Details: report.html of the study."
    figure.text(LEFT, 0.018, f"{levels}\n{method}", fontsize=7, color=MUTED)
    return figure


def _left(name: str, sessions: Mapping[str, dict]) -> float:
    """Where the column of a session begins; a single session begins on the left."""
    return RIGHT if name == "post" and len(sessions) > 1 else LEFT


def _say_values(figure: Figure, left: float, title: str, session: Mapping, letters: int) -> None:
    """Say above a column what was measured in a session, by whom, and what its pictures mark."""
    figure.text(left, 0.892, title, fontsize=12, weight="bold", color=INK)
    value = session["value"]
    mean = f"mean of {len(value['readers'])} readers" if len(value["readers"]) > 1 else "one reader"
    mean = "consensus" if list(value["readers"]) == ["consensus"] else mean
    figure.text(left, 0.874, f"$V_{{HI}}$ {volume(value['ml'])}, {value['voxels']:,.0f} voxels ({mean})", fontsize=9.5)
    within = session.get("interval")
    within = f"90 % interval {volume(within[0])} to {volume(within[1])}. " if within else ""
    each = ", ".join(f"{reader} {volume(ml)}" for reader, (_, ml) in value["readers"].items())
    said = textwrap.fill(f"{within}{each}. {what_is_shown(session)}", letters)
    figure.text(left, 0.866, said, fontsize=8, color=MUTED, va="top")


def _draw_levels(figure: Figure, sessions: Mapping[str, dict]) -> None:
    """Draw one column of slices per session; a single session fills both columns."""
    alone = len(sessions) == 1
    levels = shown_levels(sessions, LEVELS * (2 if alone else 1))
    window = _brightest(sessions)
    size = np.max([_field(session)[1] for session in sessions.values()], axis=0)
    height = (TOP - BOTTOM) / LEVELS
    for name, session in sessions.items():
        for number, place in enumerate(levels[name]):
            left = (LEFT, RIGHT)[number % 2] if alone else _left(name, sessions)
            line = number // 2 if alone else number
            ax = figure.add_axes((left, TOP - height * (line + 1), WIDTH, height - 0.006), anchor="NW")
            spacing = session["spacing"][1:]
            draw_slice(session["stir"][place], ax, spacing, "", (0, window * _middle(session)))
            if session["share"] is not None:
                share = session["share"][place]
                draw_labels(session["labels"][place], ax, np.where(share == 1, FULL, PALE))
            _look_at(ax, _field(session)[0], size, spacing)
            mark_right(ax)
            ax.annotate(
                slice_name(place), (0.98, 0.03), xycoords="axes fraction", ha="right", color="white", fontsize=8
            )


def _middle(session: Mapping) -> float:
    """STIR intensity of normal marrow: the middle of its quartiles."""
    return (session["limits"]["q1"] + session["limits"]["q3"]) / 2


def _brightest(sessions: Mapping[str, dict]) -> float:
    """White of all pictures, in multiples of normal marrow: STIR has no unit, and each scan a scale of its own."""
    brightest = []
    for session in sessions.values():
        inside = session["stir"][session["region"] > 0]
        brightest.append(np.percentile(inside if inside.size else session["stir"], 99.9) / _middle(session))
    return max(brightest)


def _field(session: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Middle (pixels) and size (mm) of rows and columns that hold the disease region; of the whole slice where there is none."""
    shape, spacing = session["stir"].shape[1:], np.array(session["spacing"][1:])
    seen = np.argwhere((session["region"] > 0).any(axis=0))
    first, last = (seen.min(axis=0), seen.max(axis=0)) if len(seen) else (np.zeros(2), np.array(shape) - 1)
    size = np.minimum((last - first + 1) * spacing + 2 * MARGIN_MM, np.array(shape) * spacing)
    return (first + last) / 2, size


def _look_at(ax: Axes, middle: np.ndarray, size: np.ndarray, spacing) -> None:
    """Show a field of a given size in mm around a middle, so that all sessions are magnified alike."""
    half, shape = size / np.array(spacing) / 2, np.array(ax.images[0].get_size())
    middle = np.clip(middle, np.minimum(half, shape / 2) - 0.5, shape - 0.5 - np.minimum(half, shape / 2))
    ax.set(ylim=(middle[0] + half[0], middle[0] - half[0]), xlim=(middle[1] - half[1], middle[1] + half[1]))
