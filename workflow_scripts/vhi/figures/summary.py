"""The page of one subject: before and after treatment side by side, in words for clinician and patient."""

import textwrap
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vhi.figures.marks import mark_sides, scale_bar
from vhi.figures.scans import draw_labels, draw_slice
from vhi.figures.style import INK, LOWER_COLOUR, MUTED, UPPER_COLOUR, new_figure
from vhi.figures.summary_shown import marks_seen, shown_levels, what_is_shown
from vhi.figures.summary_texts import number, texts
from vhi.figures.summary_words import for_clinician, for_patient, headline, volume
from vhi.io.orientation import slice_name

A4 = (8.27, 11.69)  # inches
LEFT, RIGHT, WIDTH = 0.05, 0.515, 0.435  # of the two columns, in parts of the page
TOP, BOTTOM = 0.825, 0.285  # of the pictures
LEVELS = 2
MARGIN_MM = 10.0  # shown around the disease region
PALE, FULL = 0.35, 0.8  # opacity of what some and of what all readers kept
TITLES = {"pre": "before", "post": "after"}
SIZES = (9, 8.5, 8, 7.5, 7)  # of the text, points: the largest of which everything fits
TEXT_TOP, TEXT_BOTTOM, LINE = 0.226, 0.046, 1.15
LETTERS = 459  # of a column at one point


def draw_summary(
    subject: str,
    sessions: dict[str, dict],
    detectable_ml: float | None,
    error: Mapping | None,
    simulated: bool,
    joints: Mapping[str, list[float]] | None = None,
    language: str = "en",
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
    joints : mapping, optional
        Of `vhi.figures.summary_values.joints_ml`.
    language : str
        Of `vhi.figures.summary_texts.LANGUAGES`.

    Returns
    -------
    Figure
        A4, upright.
    """
    pre, post = (sessions[name]["value"] if name in sessions else None for name in ("pre", "post"))
    levels = shown_levels(sessions, LEVELS * (2 if len(sessions) == 1 else 1))
    marks = {name: marks_seen(session, levels[name]) for name, session in sessions.items()}
    seen = set().union(*marks.values())
    figure = new_figure(*A4, page=True)
    figure.set_layout_engine("none")
    say = texts(language)
    note = say["simulated"] if simulated else ""
    figure.text(LEFT, 0.965, say["subject"].format(subject=subject), fontsize=16, weight="bold", color=INK)
    figure.text(0.95, 0.967, say["topic"], fontsize=10, ha="right", color=MUTED)
    figure.text(LEFT, 0.937, headline(pre, post, error, language), fontsize=14 if len(sessions) > 1 else 12, color=INK)
    figure.text(LEFT, 0.918, note + say["research"], fontsize=8, color=UPPER_COLOUR, weight="bold")
    for name, session in sessions.items():
        alone = say[f"alone_{name}"] if len(sessions) == 1 else ""
        visit = "" if session["visit"] in TITLES else f" ({session['visit']})"
        title = say[TITLES[name]] + visit + alone
        shown = what_is_shown(session, marks[name], language)
        _say_values(figure, _left(name, sessions), title, session, shown, 120 if alone else 62, language)
    _draw_levels(figure, sessions, levels, say["slice"])
    colours = {"lower": LOWER_COLOUR, "upper": UPPER_COLOUR}
    if patches := [
        Patch(facecolor=colour, edgecolor=MUTED, label=say[limit]) for limit, colour in colours.items() if limit in seen
    ]:
        figure.legend(handles=patches, loc="center", bbox_to_anchor=(0.5, 0.268), ncols=2, fontsize=9)
    said = {"clinician": for_clinician(pre, post, detectable_ml, error, joints, language),
            "patient": for_patient(pre, post, error, seen, language)}  # fmt: skip
    size, filled = _fitted(list(said.values()))
    for left, name, words in zip((LEFT, RIGHT), said, filled, strict=True):
        figure.text(left, 0.245, say[name], fontsize=11, weight="bold", va="top", color=INK)
        figure.text(left, TEXT_TOP, words, fontsize=size, va="top", linespacing=LINE, color=INK)
    rows = textwrap.fill(say["levels"], 155) + "\n" if len(sessions) > 1 else ""
    figure.text(LEFT, 0.012, rows + say["method"] + say["unreviewed"], fontsize=7, color=MUTED)
    return figure


def _fitted(columns: list[list[str]]) -> tuple[float, list[str]]:
    """Break the sentences of each column into lines, at the largest of `SIZES` at which every column has room."""
    for size in SIZES:
        filled = ["\n".join(textwrap.fill(sentence, int(LETTERS / size)) for sentence in said) for said in columns]
        lines = max(words.count("\n") + 1 for words in filled)
        if lines * LINE * size <= (TEXT_TOP - TEXT_BOTTOM) * A4[1] * 72:
            break
    return size, filled


def _left(name: str, sessions: Mapping[str, dict]) -> float:
    """Where the column of a session begins; a single session begins on the left."""
    return RIGHT if name == "post" and len(sessions) > 1 else LEFT


def _say_values(
    figure: Figure, left: float, title: str, session: Mapping, shown: str, letters: int, language: str
) -> None:
    """Say above a column what was measured in a session, by whom, and what its pictures mark (`shown`)."""
    figure.text(left, 0.892, title, fontsize=12, weight="bold", color=INK)
    say, value = texts(language), session["value"]
    mean = say["mean"].format(n=len(value["readers"])) if len(value["readers"]) > 1 else say["one_reader"]
    mean = say["consensus"] if list(value["readers"]) == ["consensus"] else mean
    measured = f"{volume(value['ml'], language)}, {number(value['voxels'], ',.0f', language)} {say['voxels']}"
    figure.text(left, 0.874, f"$V_{{HI}}$ {measured} ({mean})", fontsize=9.5)
    within = session.get("interval")
    within = say["interval"].format(low=volume(within[0], language), high=volume(within[1], language)) if within else ""
    each = ", ".join(f"{reader} {volume(ml, language)}" for reader, (_, ml) in value["readers"].items())
    said = textwrap.fill(f"{within}{each}. {shown}", letters)
    figure.text(left, 0.866, said, fontsize=8, color=MUTED, va="top")


def _draw_levels(
    figure: Figure, sessions: Mapping[str, dict], levels: Mapping[str, list[int]], slice_word: str
) -> None:
    """Draw one column of slices per session; a single session fills both columns."""
    alone = len(sessions) == 1
    window = _brightest(sessions)
    size = np.max([_field(session)[1] for session in sessions.values()], axis=0)
    height = (TOP - BOTTOM) / LEVELS
    for name, session in sessions.items():
        for count, place in enumerate(levels[name]):
            left = (LEFT, RIGHT)[count % 2] if alone else _left(name, sessions)
            line = count // 2 if alone else count
            ax = figure.add_axes((left, TOP - height * (line + 1), WIDTH, height - 0.006), anchor="NW")
            spacing = session["spacing"][1:]
            draw_slice(session["stir"][place], ax, spacing, "", (0, window * _middle(session)))
            if session["share"] is not None:
                share = session["share"][place]
                draw_labels(session["labels"][place], ax, np.where(share == 1, FULL, PALE))
            _look_at(ax, _field(session)[0], size, spacing)
            mark_sides(ax)
            scale_bar(ax, spacing[1])
            ax.annotate(
                slice_name(place).replace("slice", slice_word),
                (0.98, 0.03),
                xycoords="axes fraction",
                ha="right",
                color="white",
                fontsize=8,
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
