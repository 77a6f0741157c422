"""The study's figures: each function draws a table on an `ax` and gives the `ax` back.

One style for paper and screen; colours from the colour-blind safe set of Okabe and Ito.
"""

import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from PIL import Image

from vhi.figures.printed import fit_text, in_256_colours
from vhi.io.files import replacing

PRE, POST = "#D55E00", "#0072B2"  # before and after treatment: orange and blue; red and blue in the paper

LOWER_COLOUR, UPPER_COLOUR = "#F0E442", "#D55E00"  # limits: yellow and orange; yellow and red in the paper

INK, MUTED = "#222222", "#888888"

SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")

STYLE = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "svg.hashsalt": "vhi",  # element names that do not change from run to run
    "svg.fonttype": "none",
    "legend.frameon": False,
}


COLUMNS_MM = (85, 174)  # widths of a figure in a journal: one column and two
ONE_COLUMN_UP_TO = 5  # inches asked for
CROWDED_FROM = 8  # medians


def new_figure(width: float, height: float, simulated: bool = False, page: bool = False) -> Figure:
    """Start a figure in the house style, one or two columns of a journal wide; a simulated study says so on it.

    Parameters
    ----------
    width, height : float
        Inches. The figure is as wide as the columns that it needs, and loses less height than width, as text keeps its size.
    simulated : bool
        Whether the data are simulated.
    page : bool
        A page of its own, which keeps its size.
    """
    if not page:
        columns = COLUMNS_MM[width > ONE_COLUMN_UP_TO] / 25.4
        width, height = columns, height * (columns / width) ** 0.8
    mpl.rcParams.update(STYLE)
    figure = Figure(figsize=(width, height), layout="constrained")
    if simulated:
        figure.suptitle("Simulated data", color=MUTED, fontsize=9)
    return figure


def save_figure(figure: Figure, *paths: str | Path, dpi: float | None = None) -> None:
    """Write a figure to each path (PNG, SVG, PDF), whole or not at all, without a date; at the style's resolution unless given.

    What `fit_text` asks for holds.
    """
    fit_text(figure)
    for path in paths:
        with replacing(path) as beside:
            kind = Path(path).suffix[1:]
            metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
            if kind == "png":
                drawn = io.BytesIO()
                figure.savefig(drawn, format="png", dpi=dpi, pil_kwargs={"compress_level": 0})  # read again at once
                in_256_colours(Image.open(drawn)).save(beside, format="png", dpi=(dpi or STYLE["savefig.dpi"],) * 2)
            else:
                figure.savefig(beside, format=kind, metadata=metadata, dpi=dpi)


def draw_dice(frame: pd.DataFrame, ax: Axes, title: str) -> Axes:
    """Draw Dice scores as box plots, one per pair of readings, with the single scans on top (paper, Fig 4).

    Parameters
    ----------
    frame : DataFrame
        Columns ``a b dice`` of one method.
    ax : Axes
    title : str
    """
    pairs = list(dict.fromkeys(zip(frame["a"], frame["b"], strict=True)))
    scores = [frame.loc[(frame["a"] == a) & (frame["b"] == b), "dice"].dropna().to_numpy(float) for a, b in pairs]
    if pairs:
        look = {"medianprops": {"color": "#D00000", "linewidth": 1.5}, "boxprops": {"color": INK}}
        ax.boxplot(scores, widths=0.5, showfliers=False, **look)
    for place, values in enumerate(scores, 1):
        spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else np.zeros(len(values))
        ax.plot(place + spread, values, "o", ms=4, color=SERIES[0], alpha=0.8, mec="none")
        if len(values):
            ax.annotate(f"{np.median(values):.2f}", (place + 0.28, np.median(values)), va="center", fontsize=8)
    ax.set_xticks(range(1, len(pairs) + 1), [f"{label(a)}\n{label(b)}" for a, b in pairs])
    ax.set_xlim(0.4, len(pairs) + 0.8)
    ax.set_ylim(-0.02, 1.03)  # points at 0 and 1 are whole
    ax.set_ylabel("Dice score")
    ax.set_title(f"{title}\nn = {max((len(values) for values in scores), default=0)} scans")
    return ax


def label(reading: str) -> str:
    """Print a reading as the paper does: R1.2 becomes R with the indices 1 and 2, reader and trial."""
    reader, _, trial = reading.partition(".")
    return f"$\\mathrm{{{reader[0]}}}_{{{reader[1:]},{trial}}}$" if trial else reading


def draw_published_band(frame: pd.DataFrame, ax: Axes, measure: str, steps: int) -> Axes:
    """Draw the range of the published validation curves over the folds as a band, against steps.

    Parameters
    ----------
    frame : DataFrame
        Columns ``epoch`` and ``validation_<measure>``, one row per fold and epoch.
    ax : Axes
    measure : str
        ``loss`` or ``dice``.
    steps : int
        Steps of an epoch.
    """
    range_ = frame.groupby("epoch")[f"validation_{measure}"].agg(["min", "max"])
    x = range_.index.to_numpy() * steps
    ax.fill_between(x, range_["min"], range_["max"], color=MUTED, alpha=0.25, lw=0, label="published folds, validation")
    return ax


def spread_out(ax: Axes, values: np.ndarray, axes: str) -> float | None:
    """Stretch the part of axes near 0 where points crowd there: linear up to a tenth of the median size, logarithmic beyond.

    Parameters
    ----------
    ax : Axes
    values : array
        What the axes show; they are left as they are where the largest size is below `CROWDED_FROM` medians.
    axes : str
        ``x``, ``y`` or both.

    Returns
    -------
    float or None
        Up to where the axes are linear; None where they are as they were.
    """
    sizes = np.abs(np.asarray(values, float))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if len(sizes) and sizes.max() > CROWDED_FROM * np.median(sizes):
        linear = 10 ** np.floor(np.log10(np.median(sizes) / 3))
        for name in axes:
            getattr(ax, f"set_{name}scale")("symlog", linthresh=linear, linscale=0.5)
            getattr(ax, f"{name}axis").set_minor_locator(NullLocator())
        return float(linear)
    return None


def thousands(ax: Axes, axes: str = "xy") -> None:
    """Print thousands with a separator on both axes, or on one (x or y); as powers of ten below an axis that is stretched near 0."""
    for name in axes:
        narrow = name == "x"  # where long numbers would touch
        getattr(ax, f"{name}axis").set_major_formatter(
            lambda value, _, narrow=narrow: count_text(value, narrow and ax.get_xscale() == "symlog")
        )
    ax.tick_params(labelsize=8)


def count_text(value: float, power: bool = False) -> str:
    """Print a count for an axis, with a decimal where the tick lies between two counts.

    Examples
    --------
    >>> count_text(-4374), count_text(17.5), count_text(100, power=True), count_text(-10000, power=True)
    ('-4,374', '17.5', '100', '-10$^4$')
    """
    if power and abs(value) >= 1000:
        return f"{'-' if value < 0 else ''}10$^{round(np.log10(abs(value)))}$"
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-6 else f"{value:,.1f}"
