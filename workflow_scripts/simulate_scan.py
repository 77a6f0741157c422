"""Step 0: simulate one scan, its truth, and both readers' SPARCC sheets."""

import numpy as np
import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import write_json
from vhi.io.images import write_stored
from vhi.io.tables import write_table
from vhi.simulation.accuracy import voxels_by_cut
from vhi.simulation.opinions import two_readers
from vhi.simulation.rebuild import rebuild
from vhi.simulation.scoring import score

tell_errors(snakemake.log[0])
params, out, name = snakemake.params, snakemake.output, snakemake.wildcards.scan
scan = rebuild(params.subject, params.simulation)
for part in ("t1w", "stir", "normal_marrow", "disease_region"):
    write_stored(out[part], getattr(scan, part), scan.affine)
write_stored(out.inflammation, scan.truth.inflammation, scan.affine)
write_stored(out.reason, scan.truth.reason, scan.affine)

voxels = int(np.count_nonzero(scan.truth.inflammation))
voxel_mm3 = float(abs(np.linalg.det(scan.affine[:3, :3])))
truth = {"scan": name, "simulated": True, **params.subject, "true_voxels": voxels, "true_mm3": voxels * voxel_mm3}
truth["true_voxels_by_cut"] = voxels_by_cut(scan.truth.oedema)
write_json(out.truth, truth)

sheets = []
for reader in two_readers():
    sheet = score(scan, reader, params.simulation["seed"], name)
    sheet.insert(0, "scan", name)
    sheet.insert(1, "reader", reader.name)
    sheets.append(sheet)
write_table(out.sheets, pd.concat(sheets))
