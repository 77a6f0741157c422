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
from PIL import Image

from vhi.io.files import replacing

PRE, POST = "#D55E00", "#0072B2"  # before and after treatment: orange and blue; red and blue in the paper
LOWER_COLOUR, UPPER_COLOUR = "#F0E442", "#D55E00"  # limits: yellow and orange; yellow and red in the paper
INK, MUTED = "#222222", "#888888"
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")

STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "svg.hashsalt": "vhi",  # element names that do not change from run to run
    "svg.fonttype": "none",
    "legend.frameon": False,
}


def new_figure(width: float, height: float, simulated: bool = False) -> Figure:
    """Start a figure in the house style; a simulated study says so on it.

    Parameters
    ----------
    width, height : float
        Inches.
    simulated : bool
        Whether the data are simulated.
    """
    mpl.rcParams.update(STYLE)
    figure = Figure(figsize=(width, height), layout="constrained")
    if simulated:
        figure.suptitle("Simulated data", color=MUTED, fontsize=9)
    return figure


def save_figure(figure: Figure, *paths: str | Path, dpi: float | None = None) -> None:
    """Write a figure to each path (PNG, SVG, PDF), whole or not at all, without a date; at the style's resolution unless given."""
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


def in_256_colours(image: Image.Image) -> Image.Image:
    """Reduce an image to 128 greys and 128 colours of its own: a third of the bytes, so that a report holds a cohort.

    Greys and colours are reduced apart, for scans are nearly all grey and the few yellow pixels on them are what counts.
    """
    pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    grey = np.ptp(pixels, axis=1) <= 6
    index = np.rint(pixels.mean(axis=1) * (127 / 255)).astype(np.uint8)
    palette = np.zeros((256, 3), np.uint8)
    palette[:128] = np.rint(np.linspace(0, 255, 128))[:, None]
    if not grey.all():
        reduced = Image.fromarray(pixels[~grey][None]).quantize(128, Image.Quantize.MAXCOVERAGE)
        colours = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)[:128]
        palette[128 : 128 + len(colours)] = colours
        index[~grey] = 128 + np.asarray(reduced)[0]
    out = Image.fromarray(index.reshape(image.height, image.width))
    out.putpalette(palette.tobytes())
    return out


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
        ax.boxplot(
            scores,
            widths=0.5,
            showfliers=False,
            medianprops={"color": "#D00000", "linewidth": 1.5},
            boxprops={"color": INK},
        )
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


def draw_learning_curves(frame: pd.DataFrame, ax: Axes, measure: str, unit: str, x: str = "epoch") -> Axes:
    """Draw training and validation curves, one line per fold (paper, Fig S1).

    Parameters
    ----------
    frame : DataFrame
        Columns ``fold``, that of the x axis, and ``training_<measure>``, ``validation_<measure>``.
    ax : Axes
    measure : str
        ``loss`` or ``dice``.
    unit : str
        Label of the y axis.
    x : str
        ``epoch`` or ``step``.
    """
    for part, style in (("training", ":"), ("validation", "-")):
        for (fold, of_fold), colour in zip(frame.groupby("fold"), SERIES, strict=False):
            name = f"fold {fold}, {part}" if isinstance(fold, int | np.integer) else f"{fold}, {part}"
            ax.plot(of_fold[x], of_fold[f"{part}_{measure}"], style, color=colour, lw=1.2, label=name)
    ax.set(xlabel=x.capitalize(), ylabel=unit)
    return ax


def draw_slice_dice(frame: pd.DataFrame, ax: Axes, title: str) -> Axes:
    """Draw the Dice score of every slice of the test scans, ours beside the published one (paper, Fig S1).

    Parameters
    ----------
    frame : DataFrame
        Columns ``scan slice dice`` and, where published, ``published_dice``; a slice without disease region in either mask
        has none.
    ax : Axes
    title : str
    """
    for (scan, rows), colour in zip(frame.groupby("scan", sort=False), SERIES, strict=False):
        ax.plot(rows["slice"], rows["dice"], "o-", color=colour, ms=3.5, lw=1.2, label=f"{scan}, ours")
        if "published_dice" in rows:
            ax.plot(
                rows["slice"], rows["published_dice"], "x:", color=colour, ms=4.5, lw=1.2, label=f"{scan}, published"
            )
    ax.set(xlabel="Slice", ylabel="Dice of the disease region")
    ax.set_ylim(top=1)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(fontsize=7, loc="lower center")
    ax.set_title(title, fontsize=10)
    return ax


def thousands(ax: Axes) -> None:
    """Print thousands with a separator on both axes."""
    form = mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}")
    ax.xaxis.set_major_formatter(form)
    ax.yaxis.set_major_formatter(form)
    ax.tick_params(labelsize=8)


def draw_accuracy(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw V_HI against the true volume of inflammation, one colour per reader, both axes as log(x + 1).

    Parameters
    ----------
    frame : DataFrame
        Columns ``reader true_voxels vhi_voxels``.
    ax : Axes
    """
    for (reader, of_reader), colour in zip(frame.groupby("reader"), SERIES, strict=False):
        name = f"{reader} (n = {len(of_reader)})"
        ax.plot(
            of_reader["true_voxels"] + 1, of_reader["vhi_voxels"] + 1, "o", ms=4.5, color=colour, alpha=0.8, label=name
        )
    top = 1.5 * max(frame["true_voxels"].max(), frame["vhi_voxels"].max(), 1)
    ax.plot([1, top], [1, top], ":", color=MUTED)
    ax.set(xscale="log", yscale="log", xlabel="True volume + 1 (voxels)", ylabel="$V_{HI}$ + 1 (voxels)")
    error = frame["vhi_voxels"] - frame["true_voxels"]
    ax.set_title(f"bias {error.mean():+,.0f}, SD {error.std(ddof=1):,.0f} voxels")
    ax.legend(loc="upper left")
    return ax


def draw_error_sources(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean number of voxels lost and gained per reading, by source, with the spread over readings.

    Parameters
    ----------
    frame : DataFrame
        Columns ``source step voxels``, one row per reading and source.
    ax : Axes
    """
    found = frame.groupby(["source", "step"], sort=False)["voxels"].agg(["mean", "std"]).reset_index()
    found = found[found["mean"] != 0].iloc[::-1]
    places = np.arange(len(found))
    ax.barh(places, found["mean"], color=np.where(found["mean"] < 0, POST, PRE), height=0.7)
    ax.errorbar(found["mean"], places, xerr=found["std"], fmt="none", ecolor=INK, elinewidth=0.7)
    names = found["source"].str.replace("_", " ").str.replace("kept ", "kept: ")
    ax.set_yticks(places, [f"{name} ({step})" for name, step in zip(names, found["step"], strict=True)])
    ax.axvline(0, color=INK, lw=0.8)
    ax.set(xlabel="Voxels per reading, mean and SD")
    ax.set_title("lost (blue) and kept without being inflammation (orange), by step")
    ax.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return ax


def draw_error_by_cut(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw V_HI minus the truth over the share of oedema fluid that defines the truth.

    Parameters
    ----------
    frame : DataFrame
        Columns ``cut in_use mean_error_voxels median_error_voxels``, one row per cut.
    ax : Axes
    """
    cut = frame.loc[frame["in_use"] == "yes", "cut"].iloc[0]
    ax.axhline(0, color=MUTED, lw=0.6)
    ax.axvline(cut, color=INK, ls=":", lw=1)
    for name, colour, style in (("mean", SERIES[0], "-"), ("median", SERIES[1], "--")):
        ax.plot(frame["cut"], frame[f"{name}_error_voxels"], style, color=colour, marker="o", ms=3, label=name)
    ax.set(xlabel="share of oedema fluid that counts as inflamed in truth", ylabel="$V_{HI}$ minus truth (voxels)")
    ax.set_title(f"by the definition of the truth (in use: {cut:g})")
    thousands(ax)
    ax.set_xticks([0.05, 0.1, 0.15, 0.2, 0.25], ["0.05", "0.10", "0.15", "0.20", "0.25"])
    ax.legend()
    return ax
