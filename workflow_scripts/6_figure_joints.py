"""Step (vi): the territories of a scan, and V_HI by joint."""

from vhi.figures.joints import figure_joints
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table
from vhi.joint.territories import LABELS
from vhi.region.resampling import scan_on_grid_of

tell_errors(snakemake.log[0])
source, params, axis = snakemake.input, snakemake.params, snakemake.params.slice_axis
region = read_mask(source.region, slice_axis=axis)
shown = {
    "scan": params.scan,
    "t1w": scan_on_grid_of(read_scan(source.t1w, axis), region),
    "labels": read_mask(source.labels, LABELS, axis).volume,
    "region": region.volume > 0,
    "spacing": region.spacing_mm[1:],
    "first_slice": read_json(source.about)["first_slice"] - 1,
}
save_figure(figure_joints(shown, read_table(source.joints), params.sessions, params.simulated), *snakemake.output)
