"""Segmentations as DICOM SEG, on the frames of the series that they were measured on."""

from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from pydicom.sr.coding import Code

from vhi.io.errors import InputError
from vhi.io.images import Image

OFF_GRID_VOXELS = 0.1  # dcm2niix and the scanner round positions apart by far less
STRUCTURE, ABNORMAL = (
    Code("123037004", "SCT", "Anatomical Structure"), Code("49755003", "SCT", "Morphologically Abnormal Structure"),
)  # fmt: skip
BONE, INFLAMMATION = Code("272673000", "SCT", "Bone"), Code("409774005", "SCT", "Inflammation")
ARTIFICIAL = Code("123110", "DCM", "Artificial Intelligence")
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read_series(listed: str | Path) -> list[pydicom.Dataset]:
    """Read the DICOM files that a list names, one path a line, relative to the list.

    Raises
    ------
    InputError
        If a file is absent or no DICOM image.
    """
    listed = Path(listed)
    images = []
    for line in listed.read_text(encoding="utf-8").splitlines():
        path = listed.parent / line.strip()
        try:
            images.append(pydicom.dcmread(path))
            _ = images[-1].ImagePositionPatient
        except FileNotFoundError:
            raise InputError(f"{listed}: no such DICOM file: {path}; index the series again") from None
        except Exception as error:  # pydicom raises many kinds on damaged files
            raise InputError(
                f"{path}: cannot be read as a DICOM image ({str(error).splitlines()[0]}); export it again"
            ) from error
    if not images:
        raise InputError(f"{listed}: expected DICOM files, one path a line, found none; index the series again")
    return sorted(images, key=lambda image: int(image.get("InstanceNumber") or 0))


def onto_frames(labels: Image, frames: list[pydicom.Dataset]) -> np.ndarray:
    """Put a label volume onto the frames of the series that it was converted from.

    Parameters
    ----------
    labels : Image
    frames : list of Dataset
        The series.

    Returns
    -------
    (frames, rows, columns) uint8 array

    Raises
    ------
    InputError
        If a pixel of the series does not fall on a voxel.
    """
    to_voxel = np.linalg.inv(labels.affine) @ LPS_TO_RAS
    out = []
    for frame in frames:
        row_step, column_step = (float(step) for step in frame.PixelSpacing)
        along_columns, along_rows = np.asarray(frame.ImageOrientationPatient, float).reshape(2, 3)
        rows, columns = np.indices((int(frame.Rows), int(frame.Columns)))
        place = np.asarray(frame.ImagePositionPatient, float)[:, None] + np.outer(along_rows * row_step, rows.ravel())
        place = place + np.outer(along_columns * column_step, columns.ravel())
        index = to_voxel[:3, :3] @ place + to_voxel[:3, 3:]
        nearest = np.rint(index).astype(int)
        if (
            np.abs(index - nearest).max() > OFF_GRID_VOXELS
            or (nearest < 0).any()
            or (nearest.max(axis=1) >= labels.volume.shape).any()
        ):
            raise InputError(
                f"{labels.path}: its voxels are not the pixels of DICOM series {frame.SeriesInstanceUID}: expected the series that "
                "the STIR was converted from; correct stir_dicom in scans.tsv"
            )
        out.append(labels.volume[tuple(nearest)].reshape(rows.shape))
    return np.stack(out)


def segmentation(
    frames: list[pydicom.Dataset], segments: dict[str, np.ndarray], description: str, automatic: bool, version: str
) -> hd.seg.Segmentation:
    """Make a DICOM SEG of one or more binary segments, which may overlap.

    Its identifiers follow from the series and the description, and its times are the series' own, so that two exports are
    the same bytes. It carries the patient's identity, as every object of the examination does.

    Parameters
    ----------
    frames : list of Dataset
        The series.
    segments : dict of (frames, rows, columns) bool array
        By label; one that begins with "Disease region" is bone, every other inflammation.
    description : str
        Of the new series.
    automatic : bool
        Whether no human corrected it.
    version : str
        Of the workflow.

    Returns
    -------
    highdicom.seg.Segmentation
    """
    first = frames[0]
    algorithm = hd.AlgorithmIdentificationSequence("V_HI workflow", ARTIFICIAL, version)
    kind = hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC if automatic else hd.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC
    described = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=STRUCTURE if label.startswith("Disease region") else ABNORMAL,
            segmented_property_type=BONE if label.startswith("Disease region") else INFLAMMATION,
            algorithm_type=kind,
            algorithm_identification=algorithm,
        )
        for number, label in enumerate(segments, 1)
    ]
    sources = [str(first.SeriesInstanceUID), description]
    made = hd.seg.Segmentation(
        source_images=frames,
        pixel_array=np.stack([np.asarray(one, np.uint8) for one in segments.values()], axis=-1),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=described,
        series_instance_uid=pydicom.uid.generate_uid(entropy_srcs=[*sources, "series"]),
        sop_instance_uid=pydicom.uid.generate_uid(entropy_srcs=[*sources, "instance"]),
        series_number=9000 + int(first.get("SeriesNumber") or 0),
        instance_number=1,
        manufacturer="V_HI workflow",
        manufacturer_model_name="V_HI workflow",
        software_versions=version,
        device_serial_number="0",
        series_description=description[:64],
        content_label="VHI",
    )
    _settle(made, first, pydicom.uid.generate_uid(entropy_srcs=[*sources, "dimensions"]))
    return made


def _settle(made: pydicom.Dataset, first: pydicom.Dataset, dimensions: str) -> None:
    """Put what highdicom draws at random or takes from the clock to what follows from the series."""
    day, time = first.get("StudyDate") or "19000101", first.get("StudyTime") or "000000"
    for of in ("Content", "InstanceCreation", "Series"):
        for name, value in ((f"{of}Date", day), (f"{of}Time", time)):
            if name in made:
                setattr(made, name, value)
    for item in made.get("ContributingEquipmentSequence") or []:
        if "ContributionDateTime" in item:
            item.ContributionDateTime = f"{day}{str(time).split('.')[0]}"
    for item in [*made.DimensionOrganizationSequence, *made.DimensionIndexSequence]:
        item.DimensionOrganizationUID = dimensions
