"""Step (i): propose the normal marrow of a scan, by the networks that have not seen its subject."""

import numpy as np

from vhi.io.errors import naming, tell_errors
from vhi.io.files import write_json
from vhi.io.images import read_mask, read_scan, write_labels
from vhi.io.tables import read_table
from vhi.marrow.proposal import enlarged, patch_size, propose_patch, shrunk
from vhi.region.ensemble import average, predict
from vhi.region.members import read_member

tell_errors(snakemake.log[0])
params, source = snakemake.params, snakemake.input
stir = read_scan(source.stir, params.slice_axis)
folds = read_table(source.folds)
learnt = folds[(folds["subject"].astype(str) == params.subject) & (folds["part"] == "train")]["fold"]
unseen = [path for fold, path in enumerate(source.networks, 1) if fold not in set(learnt)]
size = patch_size([np.count_nonzero(read_mask(path, slice_axis=params.slice_axis).volume) for path in source.drawn])
networks = [read_member(path) for path in unseen]
probability = average(predict(networks, shrunk(stir.volume), params.precision, 1, flip=True))
probability = enlarged(probability, stir.volume.shape)
with naming(stir.path):
    patch = propose_patch(probability, stir.volume, size)

write_labels(snakemake.output.patch, patch, like=stir)
write_json(
    snakemake.output.about,
    {
        "scan": snakemake.wildcards.scan,
        "source": "proposed",
        "networks": len(unseen),
        "voxels": int(patch.sum()),
        "mean_probability": float(probability[patch].mean()),
    },
)
