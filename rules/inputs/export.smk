# What is exported: a BIDS derivative for every segmentation, a DICOM SEG where the STIR came as DICOM. Functions only.

from vhi.exchange import bids
from vhi.study.load import own_version

EXPORT = "<results>/8_export"
VERSION = own_version(ROOT)


def scan_uri(scan, column):
    """BIDS URI of a scan's image."""
    return f"bids:scans:{in_data(SCANS[scan][column])}"


@cache
def bids_derivatives():
    """Every derivative by its path without ending: the file it is a copy of, and its sidecar."""
    found = {}

    def add(scan, source, rule, description, sources, *name):
        row = SCANS[scan]
        path = bids.stem(row["subject"], row["session"], *name)
        mask = path.endswith("_mask")
        found[path] = {"source": source, "sidecar": bids.sidecar(description, sources, VERSION, rule, mask)}

    try:
        bids.check_labels({row["subject"] for row in SCANS.values()})
    except InputError as error:
        raise WorkflowError(str(error))
    for scan in SCANS:
        if has_region(scan):
            carried = CONFIG["disease_region"]["resample"] and SCANS[scan]["stir"]
            images = [scan_uri(scan, column) for column in (("stir", "t1w") if carried else ("t1w",))]
            region = f"<results>/3b_disease_region/{scan}.nii.gz"
            add(scan, region, "choose_disease_region", "Disease region", images, "diseaseregion", "mask")
    for scan in measurable():
        source = f"<results>/5_small_regions/{scan}.nii.gz"
        sources = [scan_uri(scan, column) for column in ("stir", "t1w", "normal_bone")]
        words = "Preliminary segmentation of inflammation, not yet cleaned"
        add(scan, source, "drop_small_regions", words, sources, "preliminary", "dseg", "STIR")
    for scan, reader, trial in cleaned_readings():
        source = cleaned_file(scan, reader, trial)
        row = SCANS[scan]
        before = bids.stem(row["subject"], row["session"], "preliminary", "dseg", "STIR")
        words = f"Inflammation as cleaned by reader {reader}, trial {trial}"
        sources = [scan_uri(scan, "stir"), f"bids::{before}.nii.gz"]
        add(scan, source, "ingest_cleaned_mask", words, sources, f"{reader}trial{trial}", "dseg", "STIR")
    return found


def from_dicom():
    """Scans whose STIR came as DICOM and that reach a preliminary segmentation."""
    return [scan for scan in measurable() if SCANS[scan].get("stir_dicom")]


def dicom_labels():
    """DICOM SEG files: the preliminary segmentation and every cleaned one of such scans."""
    cleaned = [
        f"{EXPORT}/dicom/{scan}_{reader}trial{trial}.dcm"
        for scan, reader, trial in cleaned_readings()
        if scan in from_dicom()
    ]
    return [f"{EXPORT}/dicom/{scan}_preliminary.dcm" for scan in from_dicom()] + cleaned


def segmentation_of(wildcards):
    """The segmentation that a DICOM SEG holds."""
    if wildcards.what == "preliminary":
        return f"<results>/5_small_regions/{wildcards.scan}.nii.gz"
    reader, trial = wildcards.what.rsplit("trial", 1)
    return cleaned_file(wildcards.scan, reader, trial)


def targets_of_export():
    """Everything that can be exported now."""
    images = [f"{EXPORT}/bids/{name}.nii.gz" for name in bids_derivatives()]
    return [f"{EXPORT}/bids/dataset_description.json", *images, *dicom_labels()]
