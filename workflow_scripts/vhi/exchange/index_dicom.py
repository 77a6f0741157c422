"""Find the scans of a cohort among DICOM files, and convert them (dcm2niix)."""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pydicom

from vhi.io.errors import InputError

TAGS = [
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality", "PatientID", "StudyDate",
    "AcquisitionDate", "SeriesDescription", "ProtocolName", "SequenceName", "ScanningSequence", "SequenceVariant",
    "InversionTime", "RepetitionTime", "EchoTime", "SeriesNumber", "ImageType",
]  # fmt: skip


@dataclass
class Series:
    """A DICOM series: one header for all, and its files."""

    header: pydicom.Dataset
    files: list[Path] = field(default_factory=list)

    @property
    def description(self) -> str:
        """What the scanner calls it."""
        words = (self.header.get("SeriesDescription"), self.header.get("ProtocolName"))
        return " ".join(str(word) for word in words if word)


def find_series(folder: Path) -> tuple[list[Series], list[Path]]:
    """Read the headers of all DICOM files under a folder and group them by series.

    Returns
    -------
    series : list of Series
        MR images, in order of patient, day and series number.
    unreadable : list of Path
        Files that begin like DICOM and cannot be read.
    """
    found, unreadable = {}, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if not _is_dicom(path):
            continue
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=TAGS)
            uid = header.SeriesInstanceUID
        except Exception:  # pydicom raises many kinds on damaged files
            unreadable.append(path)
            continue
        if header.get("Modality") == "MR":
            found.setdefault(uid, Series(header)).files.append(path)
    order = sorted(
        found.values(), key=lambda one: (patient_of(one), day_of(one), int(one.header.get("SeriesNumber") or 0))
    )
    return order, unreadable


def image_of(series: Series) -> str | None:
    """Tell T1w and STIR from a header: ``"t1w"``, ``"stir"``, or None.

    The scanner's name for the series decides; where it says neither, inversion recovery with an inversion time that nulls
    fat (80 to 260 ms at 1.5 and 3 T) is a STIR, and a spin echo with TR under 1000 ms and TE under 30 ms is T1-weighted.
    Localisers, maps and derived series are none.
    """
    header, words = series.header, re.split(r"[^a-z0-9]+", series.description.lower())
    kinds = {str(kind).upper() for kind in header.get("ImageType") or []}
    if {"LOCALIZER", "DERIVED", "SECONDARY"} & kinds or {"localizer", "localiser", "scout", "loc"} & set(words):
        return None
    if any(re.fullmatch(r"(t2)?(stir|tirm)\d*", word) for word in words):
        return "stir"
    if any(re.fullmatch(r"t1(w|tse|fse|se)?", word) for word in words):
        return "t1w"
    sequence = header.get("ScanningSequence") or []
    sequence = {sequence} if isinstance(sequence, str) else set(sequence)
    inversion, repetition, echo = (_number(header, tag) for tag in ("InversionTime", "RepetitionTime", "EchoTime"))
    if "IR" in sequence and 80 <= inversion <= 260:
        return "stir"
    if "SE" in sequence and "IR" not in sequence and 0 < repetition < 1000 and 0 < echo < 30:
        return "t1w"
    return None


def patient_of(series: Series) -> str:
    """Identifier of the patient in the header."""
    return str(series.header.get("PatientID") or "")


def day_of(series: Series) -> str:
    """Day of the study, YYYYMMDD, or ""."""
    return str(series.header.get("StudyDate") or series.header.get("AcquisitionDate") or "")


def convert(series: Series, path: Path) -> None:
    """Convert a series to one NIfTI file with dcm2niix; nothing that names the patient is written.

    Parameters
    ----------
    series : Series
    path : Path
        Ends in ``.nii.gz``; its sidecar (anonymised by dcm2niix) is written beside it.

    Raises
    ------
    InputError
        If dcm2niix fails, or finds no or several volumes in the series.
    """
    program = shutil.which("dcm2niix") or shutil.which("dcm2niix", path=str(Path(sys.executable).parent))
    if not program:
        raise InputError("dcm2niix: expected the program on the PATH, found none; make setup, or install dcm2niix")
    with tempfile.TemporaryDirectory() as folder:
        staged, out = Path(folder, "in"), Path(folder, "out")
        staged.mkdir()
        out.mkdir()
        for number, file in enumerate(series.files):
            (staged / f"{number:05d}.dcm").symlink_to(file.resolve())
        command = [program, "-z", "y", "-b", "y", "-ba", "y", "-f", "scan", "-o", str(out), str(staged)]
        done = subprocess.run(command, capture_output=True, text=True)
        volumes = sorted(out.glob("*.nii.gz"))
        if len(volumes) != 1:
            reason = next(
                (line for line in done.stdout.splitlines() if "rror" in line or "arning" in line), "no reason given"
            )
            raise InputError(
                f"{series.files[0].parent}: dcm2niix made {len(volumes)} volumes of '{series.description}' ({len(series.files)} "
                f"files): expected one ({reason}); export the series again, or convert it by hand and index the NIfTI files"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        sidecar = volumes[0].with_name("scan.json")
        if sidecar.is_file():
            shutil.move(sidecar, path.with_name(path.name.removesuffix(".nii.gz") + ".json"))
        shutil.move(volumes[0], path)


def _is_dicom(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(132)[128:] == b"DICM"


def _number(header: pydicom.Dataset, tag: str) -> float:
    try:
        return float(header.get(tag) or 0)
    except (TypeError, ValueError):
        return 0.0
