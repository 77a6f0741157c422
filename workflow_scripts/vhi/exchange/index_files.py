"""Find the scans of a cohort among NIfTI files: in a BIDS dataset, or by the names of loose files and their folders."""

from dataclasses import dataclass
from pathlib import Path

from vhi.exchange.index_names import image_named, mask_named, matched, named_by, parts_of_name
from vhi.io.errors import InputError
from vhi.io.tables import read_rows

IMAGES = ("t1w", "stir", "normal_marrow", "disease_region", "disease_region_corrected")


@dataclass(frozen=True)
class Found:
    """A file that was recognised.

    Attributes
    ----------
    subject, session : str
        As the dataset names them; session is "" where nothing tells it.
    image : str
        One of `IMAGES`.
    path : Path
    date : str
        Day or time of acquisition in a form that sorts, or "".
    dicom : tuple of Path
        The DICOM files that it was converted from.
    """

    subject: str
    session: str
    image: str
    path: Path
    date: str = ""
    dicom: tuple[Path, ...] = ()


def find_bids(folder: Path) -> tuple[list[Found], list[Path]]:
    """Find T1w scans, STIR (``acq-STIR_T2w``, or ``_STIR``) and masks of derivatives in a BIDS dataset.

    Parameters
    ----------
    folder : Path
        Holds ``dataset_description.json``.

    Returns
    -------
    found : list of Found
    ignored : list of Path
        NIfTI files that are none of these.
    """
    from bids import BIDSLayout
    from bids.layout import parse_file_entities

    try:
        layout = BIDSLayout(folder, validate=False, derivatives=False)
    except Exception as error:  # pybids raises its own, json's and the operating system's
        raise InputError(
            f"{folder}: cannot be read as a BIDS dataset ({str(error).splitlines()[0]}); check dataset_description.json"
        ) from error
    dates, found, ignored = _acquisition_times(folder), [], []
    for file in layout.get(extension=[".nii", ".nii.gz"]):
        path, entities = Path(file.path), file.get_entities()
        if "derivatives" in path.relative_to(folder).parts:
            continue
        acquisition, suffix = str(entities.get("acquisition") or ""), entities.get("suffix")
        stir = suffix == "STIR" or (suffix in ("T2w", "IRT2") and "stir" in acquisition.lower())
        image = "t1w" if suffix == "T1w" else "stir" if stir else None
        if image and "subject" in entities:
            found.append(_of_entities(entities, image, path, dates.get(path, "")))
        else:
            ignored.append(path)
    for path in image_files(folder / "derivatives"):
        entities, image = parse_file_entities(str(path)), mask_named(path.name.replace("-", "_"))
        if image and "subject" in entities:
            found.append(_of_entities(entities, image, path, ""))
        else:
            ignored.append(path)
    return found, ignored


def find_nifti(folder: Path, pattern: str = "") -> tuple[list[Found], list[Path]]:
    """Find scans and masks by the names of files and folders.

    Parameters
    ----------
    folder : Path
    pattern : str
        How names are made where they cannot be guessed, such as ``{subject}/{session}_{image}.nii.gz``; `{image}` is
        told as always (T1w, STIR, normal_marrow, disease_region). Files that do not match are ignored.

    Returns
    -------
    found : list of Found
    ignored : list of Path
    """
    named = named_by(pattern) if pattern else None
    found, ignored = [], []
    for path in image_files(folder):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        parts = parts_of_name(name) if named is None else matched(named, name)
        if parts is None or (path.suffix == ".nrrd" and parts[2] in ("t1w", "stir")):
            ignored.append(path)
        else:
            found.append(Found(*parts, path))
    return found, ignored


def image_files(folder: Path) -> list[Path]:
    """Files that may be scans or masks: NIfTI, and masks that other tools saved as NRRD; sorted."""
    return sorted(path for ending in ("nii", "nii.gz", "nrrd") for path in folder.rglob(f"*.{ending}"))


def why_ignored(name: str) -> str:
    """Say why a file was left out, and what would make it known.

    Parameters
    ----------
    name : str
        Path within the cohort's folder.
    """
    if name.endswith(".nrrd") and image_named(name) in ("t1w", "stir"):
        return "a scan must be a NIfTI file; left out. Convert it (3D Slicer: save as .nii.gz)"
    if image_named(name) is None:
        return "neither T1w, STIR nor a known mask; left out"
    return (
        "names no subject; left out. Rename it (P01_baseline_STIR.nii.gz), put it into a folder per subject, or say how names are "
        "made: PATTERN='{subject}/{session}_{image}.nii.gz'"
    )


def unused_folders(folder: Path, used: list[Path]) -> list[str]:
    """List the outermost folders with files of which none is a NIfTI file."""
    known = {parent for path in used for parent in path.parents}
    notes = []
    for inner in sorted(path for path in folder.rglob("*") if path.is_dir() and not path.name.startswith(".")):
        if inner not in known and (inner.parent in known or inner.parent == folder):
            number = sum(path.is_file() for path in inner.rglob("*"))
            if number:
                notes.append(
                    f"{inner.relative_to(folder)}/: {number} files, none of them NIfTI; left out. DICOM series: index that folder as "
                    "a study of its own, or convert them first"
                )
    return notes


def _acquisition_times(folder: Path) -> dict[Path, str]:
    """Acquisition times of ``*_scans.tsv`` of a BIDS dataset, by file."""
    times = {}
    for table in folder.glob("sub-*/**/*_scans.tsv"):
        for row in read_rows(table, mend="correct it: as many cells in each row as columns"):
            if row.get("filename") and row.get("acq_time") not in (None, "", "n/a"):
                times[table.parent / row["filename"]] = row["acq_time"]
    return times


def _of_entities(entities: dict, image: str, path: Path, date: str) -> Found:
    return Found(str(entities["subject"]), str(entities.get("session") or ""), image, path, date)
