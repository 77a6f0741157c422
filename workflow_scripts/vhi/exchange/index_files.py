"""Find the scans of a cohort among NIfTI files: in a BIDS dataset, or by the names of loose files and their folders."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from vhi.io.errors import InputError

IMAGES = ("t1w", "stir", "normal_bone", "disease_region", "disease_region_corrected")
MASK_WORDS = [
    ("disease_region_corrected", r"corrected.*disease.?region|disease.?region.*corrected"),
    ("normal_bone", r"normal.?(bone|marrow)"),
    ("disease_region", r"disease.?region"),
]
OTHER_MASKS = re.compile(r"inflammation|cleaned|lesion|mask|seg|label|roi|probability", re.I)
STIR_WORD = re.compile(r"^(stir|tirm)\d*$", re.I)
T1W_WORD = re.compile(r"^t1(w|tse|fse|se)?$", re.I)
SESSION_WORD = re.compile(
    r"^(ses-.+|pre|post|before|after|baseline|bl|follow-?up|fu|(visit|v|week|wk|month|m|tp|fu)\d+)$", re.I
)
NOISE = re.compile(
    "scans?|images?|data|study|nii|nifti|anat|mri?|acq|run|echo|w|ax|axial|tra|transverse|cor|coronal|sag|obl|oblique|"
    "tse|fse|se|spin|turbo|fs|fatsat|[23]d|t2w?|normal|bone|marrow|disease|region|corrected|manual|automatic|test|segmentations?",
    re.I,
)


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
    for path in sorted((folder / "derivatives").rglob("*.nii*")):
        entities, image = parse_file_entities(str(path)), _mask_named(path.name.replace("-", "_"))
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
    named = _named_by(pattern) if pattern else None
    found, ignored = [], []
    for path in sorted([*folder.rglob("*.nii"), *folder.rglob("*.nii.gz")]):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        parts = parts_of_name(name) if named is None else _matched(named, name)
        if parts is None:
            ignored.append(path)
        else:
            found.append(Found(*parts, path))
    return found, ignored


def parts_of_name(name: str) -> tuple[str, str, str] | None:
    """Tell subject, session and image from the path of a file, or None where it is no T1w, STIR or known mask.

    The file's own name is asked first, then its folders from the inside out.
    """
    image = _image_named(name)
    if image is None:
        return None
    levels = [_words(part) for part in reversed(re.sub(r"\.nii(\.gz)?$", "", name).split("/"))]
    everything = [word for words in levels for word in words]
    session = next((word for word in everything if SESSION_WORD.match(word)), "")
    rest = ["-".join(word for word in words if not _says_nothing_of_subject(word)) for words in levels]
    subject = next((word for word in everything if word.startswith("sub-")), next(filter(None, rest), ""))
    return (subject.removeprefix("sub-"), session.removeprefix("ses-"), image) if subject else None


def why_ignored(name: str) -> str:
    """Say why a NIfTI file was left out, and what would make it known.

    Parameters
    ----------
    name : str
        Path within the cohort's folder.
    """
    if _image_named(name) is None:
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
        with open(table, encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row.get("filename") and row.get("acq_time") not in (None, "", "n/a"):
                    times[table.parent / row["filename"]] = row["acq_time"]
    return times


def _of_entities(entities: dict, image: str, path: Path, date: str) -> Found:
    return Found(str(entities["subject"]), str(entities.get("session") or ""), image, path, date)


def _words(part: str) -> list[str]:
    """Words of a name; ``sub-01`` and ``ses-pre`` stay whole."""
    return re.findall(r"(?:sub|ses)-[A-Za-z0-9]+|[A-Za-z0-9]+", part)


def _image_named(name: str) -> str | None:
    stem = re.sub(r"\.nii(\.gz)?$", "", name)
    for part in reversed(stem.split("/")):
        if mask := _mask_named(part):
            return mask
        words = _words(part)
        if OTHER_MASKS.search(part):
            return None
        for image, word in (("stir", STIR_WORD), ("t1w", T1W_WORD)):
            if any(word.match(text) for text in words):
                return image
    return None


def _mask_named(text: str) -> str | None:
    return next((image for image, words in MASK_WORDS if re.search(words, text, re.I)), None)


def _says_nothing_of_subject(word: str) -> bool:
    return bool(SESSION_WORD.match(word) or STIR_WORD.match(word) or T1W_WORD.match(word) or NOISE.fullmatch(word))


def _named_by(pattern: str) -> re.Pattern:
    if not {"{subject}", "{image}"} <= set(re.findall(r"\{\w+\}", pattern)):
        raise InputError(
            f"PATTERN={pattern}: expected {{subject}} and {{image}} in it, such as {{subject}}/{{session}}_{{image}}.nii.gz"
        )
    text = re.escape(pattern)
    for part in ("subject", "session", "image"):
        text = text.replace(re.escape(f"{{{part}}}"), f"(?P<{part}>[^/]+?)", 1)
        text = text.replace(re.escape(f"{{{part}}}"), f"(?P={part})")
    return re.compile(text)


def _matched(pattern: re.Pattern, name: str) -> tuple[str, str, str] | None:
    match = pattern.fullmatch(name)
    image = _image_named(match["image"]) if match else None
    return (match["subject"], match.groupdict().get("session") or "", image) if image else None
