"""Step (iii): Fig S1, learning curves (ours with the published range behind them, or the published ones alone), test Dice."""

import pandas as pd

from vhi.figures.style import draw_published_band, new_figure, save_figure
from vhi.figures.training import draw_learning_curves, draw_slice_dice
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table

EPOCH, VALIDATION_BATCHES = 350, 13  # of the paper: steps of an epoch, and 50 slices in batches of four

tell_errors(snakemake.log[0])
published = read_table(snakemake.input.published) if snakemake.input.get("published") else None
if published is not None:
    # ASSUME the published losses are sums over the batches of an epoch.
    published["training_loss"] /= EPOCH
    published["validation_loss"] /= VALIDATION_BATCHES
curves, x, whose = published, "epoch", "Published"
if snakemake.input.get("ours"):
    names = {"loss": "training_loss", "dice": "training_dice"}
    curves, x, whose = (
        pd.concat(
            read_table(path).rename(columns=names).assign(fold="/".join(path.split("/")[-4:-2]))
            for path in snakemake.input.ours
        ),
        "step",
        "Our",
    )
    curves["fold"] = curves["fold"].str.replace("/fold-", " fold ")

test = read_table(snakemake.input.test) if snakemake.input.get("test") else None
panels = 2 if test is None else 3
figure = new_figure(5 * panels, 6, snakemake.params.simulated)
axes = figure.subplots(1, panels)
units = {"loss": "Binary cross entropy per batch", "dice": "Soft Dice, mean of both classes"}
for ax, (measure, unit) in zip(axes, units.items(), strict=False):
    if published is not None and x == "step":
        draw_published_band(published, ax, measure, EPOCH)
        ax.set_xlim(0, 1.05 * curves["step"].max())
    draw_learning_curves(curves, ax, measure, unit, x)
    ax.set_title(f"{whose} {'loss' if measure == 'loss' else 'soft Dice'}, {curves['fold'].nunique()} trainings")
    if measure == "loss":
        ax.set_yscale("log")
    else:
        ax.set_ylim(0.75, 1)
        figure.legend(*ax.get_legend_handles_labels(), fontsize=7, ncols=4, loc="outside lower center")
if test is not None:
    seen = "" if snakemake.params.unseen else "; the networks may have seen these scans"
    draw_slice_dice(test, axes[2], f"Test slices, {test['scan'].nunique()} scans{seen}")
save_figure(figure, *snakemake.output)
