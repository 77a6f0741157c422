"""Step (iii): segment the disease region of a scan with the average of the ensemble's members."""

import numpy as np

from vhi.io.errors import tell_errors
from vhi.io.files import write_json
from vhi.io.images import read_scan, write_labels
from vhi.io.terminal import say
from vhi.region.ensemble import average, normalise, predict, predict_views, rounded
from vhi.region.members import member_name, read_ensemble
from vhi.region.precision import used_precision
from vhi.region.quality import describe

tell_errors(snakemake.log[0])
params = snakemake.params
t1w = read_scan(snakemake.input.t1w, params.slice_axis)
members = read_ensemble(snakemake.input.members)
precision = used_precision(params.precision)
views = predict_views(members, t1w.volume, precision, params.threads, **params.averaged)
probability = average(views.mean(axis=1))
region = rounded(probability, **params.rounding)

write_labels(snakemake.output.region, region, like=t1w)
write_labels(snakemake.output.probability, np.round(100 * probability), like=t1w)
described = describe(views.reshape(-1, *region.shape), normalise(t1w.volume), t1w.voxel_mm3)
if np.isnan(described["agreement"]):  # a single prediction has nothing to agree with
    described["agreement"] = None
about = {
    "scan": snakemake.wildcards.scan,
    "source": "ensemble",
    "members": [member_name(path) for path in snakemake.input.members],
    "precision": precision,
    "mirrored": params.averaged["flip"],
    "scales": params.averaged["scales"],
    **params.rounding,
    "voxels": int(region.sum()),
    **described,
}
if precision != "fp32":  # on every tenth slice: what the lower precision changes, at a tenth of the cost of all
    tenth = slice(len(region) // 4, None, 10)
    exact = rounded(average(predict(members, t1w.volume, "fp32", params.threads, slices=tenth, **params.averaged)))
    about["pixels_compared_with_fp32"] = exact.size
    about["pixels_flipped"] = int(np.count_nonzero(rounded(probability[tenth]) != exact))
    if about["pixels_flipped"] > 0.0005 * exact.size:
        share = 100 * about["pixels_flipped"] / exact.size
        say(f"{share:.3f} % of pixels differ from fp32 (expected: at most 0.05); set ensemble.precision: fp32")
write_json(snakemake.output.about, about)
