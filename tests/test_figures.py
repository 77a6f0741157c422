"""What holds for every figure: widths of a journal, readable text, colours that all can tell apart, sides and scale of pictures."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from vhi.figures.agreement import draw_unity
from vhi.figures.marks import EDGE, mark_sides, scale_bar
from vhi.figures.printed import SMALLEST_TEXT, fit_text
from vhi.figures.reading import box_around
from vhi.figures.response import DIRECTIONS
from vhi.figures.scans import BOTH, FIRST_ONLY, SECOND_ONLY
from vhi.figures.style import COLUMNS_MM, LOWER_COLOUR, POST, PRE, UPPER_COLOUR, new_figure, save_figure, spread_out

SCRIPTS = Path(__file__).parents[1] / "workflow_scripts"
TOGETHER = {
    "before and after": (PRE, POST),
    "limits": (LOWER_COLOUR, UPPER_COLOUR),
    "two readers": (LOWER_COLOUR, UPPER_COLOUR, BOTH, FIRST_ONLY, SECOND_ONLY),
    "directions": tuple(colour for colour, _, _ in DIRECTIONS.values()),
}
DEFICIENT = {  # Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def seen(colour: str, matrix: list[list[float]]) -> np.ndarray:
    """Give a colour in CIE L*a*b* as somebody with a deficiency sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ linear / (0.9505, 1, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", DEFICIENT)
@pytest.mark.parametrize("what", TOGETHER)
def test_colours_that_stand_together_are_told_apart(what, deficiency):
    matrix = DEFICIENT[deficiency]
    near = {
        (one, other): float(np.linalg.norm(seen(one, matrix) - seen(other, matrix)))
        for one, other in combinations(TOGETHER[what], 2)
    }
    assert min(near.values()) > 15, near


@pytest.mark.parametrize(("width", "mm"), [(3.6, 85), (6.5, 174), (15, 174)])
def test_a_figure_is_as_wide_as_columns_of_a_journal(width, mm):
    assert new_figure(width, 4).get_figwidth() * 25.4 == pytest.approx(mm)
    assert mm in COLUMNS_MM


def test_every_figure_is_started_and_saved_in_one_place():
    for path in SCRIPTS.rglob("*.py"):
        if path.name not in ("style.py", "printed.py") and "simulation" not in path.parts:
            text = path.read_text()
            assert not re.search(r"(?<!new_)\bFigure\(|plt\.|\.savefig\(", text) or path.name == "pages.py", path
            assert "page=True" not in text or path.name in ("pages.py", "summary.py", "quality.py"), path


def test_text_is_readable_and_stays_within_its_panel(tmp_path):
    figure = new_figure(12, 4)
    figure.supxlabel("a note that is far longer than the figure is wide " * 5, fontsize=5)
    for ax in figure.subplots(1, 3).flat:
        ax.set_title("a title that is longer than the panel below it is wide", fontsize=6)
        ax.set_xlabel("Mean of one reader and the composite of all trials (voxels)")
        ax.set_ylabel("One reader - the composite of all of the trials (voxels)")
    save_figure(figure, tmp_path / "a.svg")
    assert min(text.get_fontsize() for text in figure.findobj(Text)) >= SMALLEST_TEXT
    figure.draw_without_rendering()
    whole = figure.bbox
    labels = [text for ax in figure.axes for text in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    boxes = [text.get_window_extent() for text in labels] + [figure._supxlabel.get_window_extent()]
    assert all(box.x0 >= 0 and box.x1 <= whole.width and box.y0 >= 0 and box.y1 <= whole.height for box in boxes)
    assert not [1 for one, other in combinations(boxes, 2) if one.overlaps(other)]


def test_crowded_axes_are_stretched_and_others_are_not():
    even, crowded = (np.linspace(1, 100, 50), np.geomspace(1, 5000, 50))
    for values, scale in ((even, "linear"), (crowded, "symlog")):
        ax = new_figure(4, 4).subplots()
        assert (spread_out(ax, values, "y") is None) == (scale == "linear")
        assert (ax.get_xscale(), ax.get_yscale()) == ("linear", scale)
    frame = pd.DataFrame({"value_a": crowded, "value_b": crowded, "session": "pre"})
    ax = draw_unity(frame, new_figure(4, 4).subplots(), "R1", "R2", "voxels")
    assert ax.get_xlim() == ax.get_ylim()
    assert -crowded.min() * 100 < ax.get_xlim()[0] < 0


def test_pictures_have_both_sides_and_a_scale():
    figure = new_figure(4, 4)
    ax = figure.subplots()
    ax.imshow(np.zeros((100, 200)))
    mark_sides(ax)
    scale_bar(ax, 0.5)
    assert [text.get_text() for text in ax.texts] == ["R", "L", "5 cm"]
    assert ax.texts[0].get_position()[0] < ax.texts[1].get_position()[0]  # the patient's right is on the left
    assert np.ptp(ax.lines[0].get_xdata()) * 0.5 == 50
    assert all(text.get_path_effects() == EDGE for text in ax.texts)


def test_a_box_holds_the_region_on_which_readers_differ():
    differing = np.zeros((50, 50), bool)
    differing[10:30, 20:24] = differing[40:42, 40:42] = True
    (top, bottom), (left, right) = box_around(differing, (12, 21))
    assert top < 10 - 0.5
    assert bottom > 29 + 0.5
    assert left < 20 - 0.5
    assert right > 23 + 0.5
    assert right < 40


def test_a_page_keeps_its_size_and_its_places():
    figure = new_figure(8.27, 11.69, page=True)
    figure.set_layout_engine("none")
    figure.text(0.1, 0.5, "small", fontsize=5)
    fit_text(figure)
    assert figure.get_figwidth() == 8.27
    assert figure.texts[0].get_fontsize() == SMALLEST_TEXT
