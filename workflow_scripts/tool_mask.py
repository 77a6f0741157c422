"""Put a mask that another tool saved as NRRD or DICOM SEG onto the grid of its scan, as NIfTI."""

from vhi.exchange.tool_masks import read_tool_mask
from vhi.exchange.tool_segments import MEANT, meant, on_grid
from vhi.io.errors import tell_errors
from vhi.io.images import read_grid, write_labels
from vhi.io.labels import check_labels
from vhi.reading_room.blinding import blind_image

tell_errors(snakemake.log[0])
params = snakemake.params
grids = [read_grid(path, params.slice_axis) for path in snakemake.input.grids]
if params.use == "semiautomatic":  # it may have been cleaned in a pack
    grids += [blind_image(grid) for grid in grids]
drawn = read_tool_mask(snakemake.input.mask)
labels = on_grid(meant(drawn, params.use), drawn.affine, drawn.path, grids)
labels = check_labels(drawn.path, labels, (0, *sorted({*MEANT[params.use].values()})))
write_labels(snakemake.output[0], labels, like=grids[0])
