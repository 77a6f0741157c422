"""Export a segmentation of the STIR as DICOM SEG, on the frames of the series it was converted from."""

from vhi.exchange.dicom_seg import onto_frames, read_series, segmentation
from vhi.io.errors import tell_errors
from vhi.io.files import replacing
from vhi.io.images import read_mask

tell_errors(snakemake.log[0])
params, what = snakemake.params, snakemake.wildcards.what
frames = read_series(snakemake.input.dicom)
labels = onto_frames(read_mask(snakemake.input.labels, (0, 1, 2), params.slice_axis), frames)
region = onto_frames(read_mask(snakemake.input.region, slice_axis=params.slice_axis), frames)
segments = {
    "Inflammation, lower limit": labels > 0,
    "Inflammation, upper limit": labels == 2,
    "Disease region": region > 0,
}
made = segmentation(frames, segments, f"V_HI {what}", what == "preliminary", params.version)
with replacing(snakemake.output[0]) as beside:
    made.save_as(beside)
