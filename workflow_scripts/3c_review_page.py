"""Step (iii): all slices of a scan with the ensemble's region and where its members disagree, to be assessed by eye."""

from vhi.figures.quality import review_page
from vhi.figures.style import save_figure
from vhi.io.errors import tell_errors
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
source, slice_axis, scan = snakemake.input, snakemake.params.slice_axis, snakemake.wildcards.scan
t1w = read_scan(source.t1w, slice_axis)
region = read_mask(source.region, slice_axis=slice_axis)
probability = read_mask(source.probability, tuple(range(101)), slice_axis)
quality = read_table(source.quality).set_index("scan").loc[scan]
page = review_page(t1w.volume, region.volume, probability.volume, f"Scan {scan}", quality, snakemake.params.simulated)
save_figure(page, snakemake.output[0])
