"""What is exported: a BIDS derivative for every segmentation, a DICOM SEG where the STIR came as DICOM."""

from functools import cache

from vhi.exchange import bids
from vhi.io.errors import InputError
from vhi.study.plan import Plan


@cache  # asked for once per file
def bids_derivatives(plan: Plan) -> dict[str, dict]:
    """Give every derivative by its path without ending: the file it is a copy of (``source``), and its ``sidecar``."""
    found = {}

    def add(scan: str, source: str, rule: str, description: str, sources: list[str], *name: str) -> None:
        path = named(scan, *name)
        sidecar = bids.sidecar(description, sources, plan.version, rule, path.endswith("_mask"))
        found[path] = {"source": source, "sidecar": sidecar}

    def named(scan: str, *name: str) -> str:
        return bids.stem(plan.scans[scan]["subject"], plan.scans[scan]["session"], *name)

    def uris(scan: str, *columns: str) -> list[str]:
        return [f"bids:scans:{plan.in_data(plan.scans[scan][column])}" for column in columns]

    try:
        bids.check_labels({row["subject"] for row in plan.scans.values()})
    except InputError as error:
        plan.refuse(error)
    for scan in plan.with_region:
        carried = plan.config["disease_region"]["resample"] and plan.scans[scan]["stir"]
        images = uris(scan, *(("stir", "t1w") if carried else ("t1w",)))
        region = f"<results>/3b_disease_region/{scan}.nii.gz"
        add(scan, region, "choose_disease_region", "Disease region", images, "diseaseregion", "mask")
    for scan in plan.measurable:
        source, sources = segmentation_of(plan, scan, "preliminary"), uris(scan, "stir", "t1w", "normal_marrow")
        words = "Preliminary segmentation of inflammation, not yet cleaned"
        add(scan, source, "drop_small_regions", words, sources, "preliminary", "dseg", "STIR")
    for scan, reader, trial in plan.cleaned_readings:
        words = f"Inflammation as cleaned by reader {reader}, trial {trial}"
        sources = [*uris(scan, "stir"), f"bids::{named(scan, 'preliminary', 'dseg', 'STIR')}.nii.gz"]
        source, name = plan.cleaned_file(scan, reader, trial), f"{reader}trial{trial}"
        add(scan, source, "ingest_cleaned_mask", words, sources, name, "dseg", "STIR")
    return found


def dicom_segs(plan: Plan) -> list[str]:
    """Name the DICOM SEG files: the preliminary segmentation and every cleaned one of scans whose STIR came as DICOM."""
    scans = [scan for scan in plan.measurable if plan.scans[scan]["stir_dicom"]]
    cleaned = [(scan, f"{reader}trial{trial}") for scan, reader, trial in plan.cleaned_readings if scan in scans]
    return [f"{scan}_{what}.dcm" for scan, what in [*((scan, "preliminary") for scan in scans), *cleaned]]


def segmentation_of(plan: Plan, scan: str, what: str) -> str:
    """Give the segmentation that a DICOM SEG holds: ``preliminary``, or a reader and trial as in ``R1trial1``."""
    if what == "preliminary":
        return f"<results>/5_small_regions/{scan}.nii.gz"
    return plan.cleaned_file(scan, *what.rsplit("trial", 1))


def exported_files(plan: Plan) -> list[str]:
    """Everything that can be exported now, relative to the folder of exports."""
    images = [f"bids/{name}.nii.gz" for name in bids_derivatives(plan)]
    return ["bids/dataset_description.json", *images, *(f"dicom/{name}" for name in dicom_segs(plan))]
