"""One page on a subject: before and after treatment, V_HI and its change, in words for clinician and patient."""

from vhi.cleaning import counted
from vhi.errors import tell_errors
from vhi.figures import save_figure
from vhi.figures_summary import draw_summary
from vhi.images import read_mask, read_scan
from vhi.summary import session_value
from vhi.tables import read_table

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
axis = params.slice_axis
masks = dict(zip(map(tuple, params.masked), source.masks, strict=True))
sessions, voxel_mm3 = {}, None
for place, row in enumerate(params.scans):
    stir = read_scan(source.stir[place], axis)
    voxel_mm3 = stir.voxel_mm3
    readings, kept = [], []
    for reading in params.readings:
        if reading["scan"] != row["scan"]:
            continue
        voxels, path = reading["vhi_voxels"], masks.get((row["scan"], reading["reader"]))
        if path:
            labels = read_mask(path, (0, 1, 2), axis).volume
            voxels = int(counted(labels, params.limit).sum())
            kept.append((voxels, labels, f"cleaned by {reading['reader']}"))
        if path or params.limit == "lower":  # published counts are at the lower limit
            readings.append({"reader": reading["reader"], "voxels": voxels, "voxel_mm3": voxel_mm3})
    if not readings:
        continue
    value = session_value(readings)
    if kept:  # the reader nearest to the mean; of two the one who kept more
        _, labels, said = min(kept, key=lambda mask: (abs(mask[0] - value["voxels"]), -mask[0]))
    else:
        labels = read_mask(source.preliminary[place], (0, 1, 2), axis).volume
        said = "before cleaning; no cleaned mask at hand"
    region = read_mask(source.region[place], slice_axis=axis).volume
    sessions[row["session"]] = {
        "scan": row["scan"],
        "value": value,
        "stir": stir.volume,
        "spacing": stir.spacing_mm[1:],
        "labels": labels,
        "shown": said,
        "region": region,
    }
detectable = None
if source.detectable and voxel_mm3:
    found = read_table(source.detectable)
    found = found[(found["measure"] == "vhi") & (found["readers_averaged"] == found["readers_averaged"].max())]
    if len(found):
        scale = {"mm3": 1 / 1000, "voxels": voxel_mm3 / 1000}[found["unit"].iloc[0]]
        detectable = float(found["smallest_detectable_change"].iloc[0]) * scale
page = draw_summary(snakemake.wildcards.subject, sessions, detectable, params.simulated)
save_figure(page, *snakemake.output, dpi=100)  # a report holds a page per subject
