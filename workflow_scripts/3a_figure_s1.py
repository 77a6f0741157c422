"""Step (iii): Fig S1, learning curves."""

from vhi.errors import tell_errors
from vhi.figures import draw_learning_curves, new_figure, save_figure
from vhi.tables import read_table

tell_errors(snakemake.log[0])
published = read_table(snakemake.input.published)
# ASSUME the published losses are sums over the batches of an epoch: 350 to train, 13 (50 slices by four) to validate.
published["training_loss"] /= 350
published["validation_loss"] /= 13

figure = new_figure(10, 3.8, snakemake.params.simulated)
loss, dice = figure.subplots(1, 2)
draw_learning_curves(published, loss, "loss", "Binary cross entropy per batch").set_title("Published loss, four folds")
loss.set_yscale("log")
draw_learning_curves(published, dice, "dice", "Soft Dice, mean of both classes").set_title(
    "Published soft Dice, four folds"
)
dice.set_ylim(0.75, 1)
dice.legend(fontsize=7, ncols=2, loc="lower right")
save_figure(figure, *snakemake.output)
