"""Figures of how far a disease region can be trusted."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vhi.figures.style import INK, MUTED, SERIES, new_figure
from vhi.io.orientation import slice_name

UNSURE = (10, 90)  # per cent: where the ensemble's mean probability says neither


def draw_predicted_dice(frame: pd.DataFrame, ax: Axes, flag_below: float) -> Axes:
    """Draw predicted against true Dice, scans as they are apart from altered ones.

    Parameters
    ----------
    frame : DataFrame
        Columns ``version unseen dice predicted_dice``.
    ax : Axes
    flag_below : float
        Drawn on both axes.
    """
    plain, weak = frame["version"] == "as it is", frame["version"].str.startswith("after ")
    groups = [
        (frame[~plain & ~weak], "made abnormal", {"marker": "o", "color": SERIES[1], "alpha": 0.7}),
        (frame[weak], "as it is, by a weak network", {"marker": "^", "color": SERIES[2], "alpha": 0.7}),
        (frame[plain], "as it is", {"marker": "D", "color": SERIES[0]}),
    ]
    for rows, name, style in (group for group in groups if len(group[0])):
        ax.plot(
            rows["dice"], rows["predicted_dice"], ls="", ms=5, mec="none", label=f"{name} (n = {len(rows)})", **style
        )
    ax.plot([0, 1], [0, 1], ":", color=MUTED, lw=1)
    ax.axhline(flag_below, color=INK, lw=0.8, ls="--")
    ax.axvline(flag_below, color=INK, lw=0.8, ls="--")
    ax.annotate(" looked at", (0, flag_below), va="top", fontsize=8)
    low = max(0, min(frame["dice"].min(), frame["predicted_dice"].min()) - 0.03)
    ax.set(xlim=(low, 1), ylim=(low, 1), xlabel="Dice with the drawn region, mean over slices", ylabel="Predicted Dice")
    seen = "" if frame["unseen"].all() else "; the networks have seen these scans"
    ax.set_title(f"Predicted without the subject's own scans{seen}")
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.8))
    return ax


def draw_proposed_marrow(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw, per scan, the change of preliminary voxels by the proposed patch beside that without the drawn one's brightest voxel.

    Parameters
    ----------
    frame : DataFrame
        Columns ``scan preliminary_change_percent without_brightest_change_percent``, in per cent of the count by the drawn
        patch.
    ax : Axes
    """
    frame = frame.reset_index(drop=True)
    place = frame.index.to_numpy()

    def ratio(column: str) -> pd.Series:
        return 1 + frame[column].astype(float) / 100

    brightest = ratio("without_brightest_change_percent")
    ax.plot(brightest, place, "|", ms=11, mew=1.6, color=SERIES[1], label="drawn patch without its brightest voxel")
    ax.plot(ratio("preliminary_change_percent"), place, "o", ms=6, color=SERIES[0], label="proposed patch")
    ax.axvline(1, color=INK, lw=0.8)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if value in (0.2, 0.5, 2, 5, 20) else "")
    ax.set_yticks(place, frame["scan"].astype(str))
    ax.invert_yaxis()
    ax.set(xlabel="Preliminary voxels, relative to those by the drawn patch", ylabel="Scan")
    ax.set_title(f"Normal marrow proposed by networks that have not seen the subject (n = {len(frame)})")
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.14), ncols=2, fontsize=8)
    return ax


def review_page(
    t1w: np.ndarray, region: np.ndarray, probability: np.ndarray, title: str, quality: pd.Series, simulated: bool
) -> Figure:
    """Draw every slice with the outline of the region, and in colour where the ensemble is unsure.

    Parameters
    ----------
    t1w, region, probability : array (slices, rows, columns)
        Intensities; 0 or 1; per cent.
    title : str
    quality : Series
        ``predicted_dice volume_ml agreement``.
    simulated : bool

    Returns
    -------
    Figure
    """
    across = int(np.ceil(np.sqrt(len(t1w) * 1.2)))
    down = int(np.ceil(len(t1w) / across))
    ratio = t1w.shape[1] / t1w.shape[2]
    figure = new_figure(2.1 * across, 2.1 * ratio * down + 0.6, simulated, page=True)
    axes = figure.subplots(down, across, squeeze=False, gridspec_kw={"wspace": 0.02, "hspace": 0.02}).ravel()
    top = np.percentile(t1w, 99.5)
    unsure = np.ma.masked_outside(probability, *UNSURE)
    for ax in axes:
        ax.set_axis_off()
    for number, (ax, image) in enumerate(zip(axes, t1w, strict=False)):
        ax.imshow(image, cmap="gray", vmin=0, vmax=top, interpolation="none")
        ax.imshow(unsure[number], cmap="autumn", alpha=0.6, vmin=0, vmax=100, interpolation="none")
        if region[number].any():
            ax.contour(region[number], [0.5], colors=[SERIES[0]], linewidths=0.8)
        ax.annotate(slice_name(number), (3, 3), color="white", fontsize=7, va="top")
    said = f"volume {quality['volume_ml']:.0f} ml, agreement of predictions {quality['agreement']:.3f}"
    figure.supxlabel(
        f"{title}: {said}. Blue: disease region; red to yellow: mean probability {UNSURE[0]} to {UNSURE[1]} %.",
        fontsize=9,
    )
    return figure
