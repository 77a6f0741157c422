"""Figures of the multiverse: specification curve, importance of the choices, heat map of two of them."""

from vhi.figures.multiverse import draw_curve, draw_heat, figure_importance
from vhi.figures.style import new_figure, save_figure
from vhi.io.errors import tell_errors
from vhi.io.tables import read_table
from vhi.multiverse.names import conclusion

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
universes, outcomes, importance = (read_table(source[name]) for name in ("universes", "outcomes", "importance"))
said, outcome = conclusion(outcomes, read_table(source.joint) if source.get("joint") else None)
curve = new_figure(10, 8, params.simulated)
draw_curve(universes, outcomes, curve.subplots(2, 1, height_ratios=(2, 3), sharex=True), outcome, said)
save_figure(curve, *out[:2])
save_figure(figure_importance(importance, params.simulated), *out[2:4])
heat = new_figure(7, 5, params.simulated)
draw_heat(universes, outcomes, heat.subplots(), outcome, params.heat_map, importance)
save_figure(heat, *out[4:])
