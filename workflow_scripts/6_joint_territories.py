"""Step (vi): part a scan into side, bone, and upper and lower half of the joint."""

from vhi.io.errors import tell_errors
from vhi.io.files import write_json
from vhi.io.images import read_mask, read_scan, write_labels
from vhi.joint.territories import find_territories
from vhi.region.resampling import scan_on_grid_of

tell_errors(snakemake.log[0])
source, axis = snakemake.input, snakemake.params.slice_axis
region = read_mask(source.disease_region, slice_axis=axis)
t1w = scan_on_grid_of(read_scan(source.t1w, axis), region)
found = find_territories(t1w, region.volume, region.spacing_mm)
write_labels(snakemake.output.labels, found.labels, like=region)
write_json(snakemake.output.about, {"scan": snakemake.wildcards.scan} | found.described())
