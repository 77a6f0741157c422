"""Marks on pictures of slices: sides, scale, and what the colours of the limits mean."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from vhi.figures.style import LOWER_COLOUR, MUTED, UPPER_COLOUR

EDGE = [withStroke(linewidth=1.5, foreground="black")]  # white marks are seen on bright fat and fluid too


def mark_sides(ax: Axes) -> None:
    """Mark the patient's right, which is on the left, and the left."""
    for name, x, side in (("R", 0.02, "left"), ("L", 0.98, "right")):
        look = {"color": "white", "fontsize": 8, "weight": "bold", "path_effects": EDGE}
        ax.text(x, 0.5, name, transform=ax.transAxes, ha=side, va="center", **look)


def scale_bar(ax: Axes, spacing: float, mm: float = 50) -> None:
    """Draw a bar at the lower left of a slice that is shown, with its length in cm.

    Parameters
    ----------
    ax : Axes
    spacing : float
        Distance of columns, mm.
    mm : float
    """
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    start, height = left + 0.03 * (right - left), bottom + 0.04 * (top - bottom)
    look = {"color": "white", "path_effects": EDGE}
    ax.plot([start, start + mm / spacing], [height, height], lw=1.5, solid_capstyle="butt", **look)
    ax.text(start, bottom + 0.055 * (top - bottom), f"{mm / 10:g} cm", fontsize=7, **look)


def say(ax: Axes, text: str) -> None:
    """Show words in place of a picture."""
    ax.clear()
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, transform=ax.transAxes)


def legend_of_labels(figure: Figure) -> None:
    """Say under a figure what the colours of the limits mean."""
    patches = [Patch(color=LOWER_COLOUR, label="lower limit only"), Patch(color=UPPER_COLOUR, label="upper limit")]
    figure.legend(handles=patches, loc="outside lower center", ncols=2, fontsize=8)
