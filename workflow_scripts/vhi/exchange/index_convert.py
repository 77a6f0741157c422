"""DICOM series become NIfTI files under names that say nothing of the patient; the key stays with the data."""

import os
import re
from pathlib import Path

from vhi.exchange.index_dicom import Series, convert, day_of, find_series, image_of, patient_of
from vhi.exchange.index_files import Found, image_files
from vhi.exchange.index_names import parts_of_name
from vhi.io.errors import InputError
from vhi.io.tables import read_rows, write_rows

KEY = "identifiers.tsv"
COLUMNS = ["subject", "study", "patient_id", "study_date"]
NAMES = {"t1w": "T1w", "stir": "STIR"}


def convert_series(source: Path, data: Path, keep_identifiers: bool = False) -> tuple[list[Found], list[str]]:
    """Convert the T1w and STIR series under a folder, and keep the key of names.

    Subjects are numbered S01, S02, ... in order of their identifiers; who is who, and the days of acquisition, stand
    only in ``identifiers.tsv`` of the data folder, which its owner alone may read. A later call goes on with the same key.

    Parameters
    ----------
    source : Path
        DICOM files in any order of folders.
    data : Path
        Where the NIfTI files go: ``<subject>/<subject>_<study>_<image>_s<series>.nii.gz``. What is there is not converted
        again.
    keep_identifiers : bool
        Take the patient IDs as names: for files whose IDs are pseudonyms already.

    Returns
    -------
    found : list of Found
    notes : list of str
        Series that were not understood, and files that could not be read.
    """
    series, unreadable = find_series(source)
    notes = [
        f"{path.relative_to(source)}: begins like DICOM and cannot be read; export it again" for path in unreadable
    ]
    key, found = read_rows(data / KEY, COLUMNS, "restore the key"), []
    for one in series:
        image = image_of(one)
        if image is None:
            name = one.description or one.header.SeriesInstanceUID
            notes.append(f"series '{name}' ({len(one.files)} files): neither T1w nor STIR")
            continue
        subject, study = _named(one, source, key, keep_identifiers)
        number = int(one.header.get("SeriesNumber") or 0)
        path = data / subject / f"{subject}_{study}_{NAMES[image]}_s{number}.nii.gz"
        write_rows(data / KEY, COLUMNS, key)  # before the first scan: a name once given stays
        os.chmod(data / KEY, 0o600)
        if not path.exists():
            convert(one, path)
        found.append(Found(subject, study, image, path, day_of(one), tuple(one.files)))
    masks = [path for path in image_files(data) if not re.search(r"_(T1w|STIR)_s\d+\.nii\.gz$", path.name)]
    return found + _masks(masks, found), notes


def _named(series: Series, source: Path, key: list[dict], keep: bool) -> tuple[str, str]:
    """Name of subject and study in the key; added to it where they are new."""
    patient = patient_of(series) or series.files[0].relative_to(source).parts[0]
    day = day_of(series) or str(series.header.get("StudyInstanceUID"))
    mine = [row for row in key if row["patient_id"] == patient]
    for row in mine:
        if row["study_date"] == day:
            return row["subject"], row["study"]
    if mine:
        subject = mine[0]["subject"]
    elif keep:
        subject = re.sub(r"[^A-Za-z0-9]+", "", patient)
        if not subject or any(row["subject"] == subject for row in key):
            raise InputError(
                f"{series.files[0]}: patient ID '{patient}' makes no name of its own (letters and digits count): leave out "
                "IDENTIFIERS=keep, so that subjects are numbered"
            )
    else:
        subject = f"S{len({row['subject'] for row in key}) + 1:02d}"
    study = f"study{len(mine) + 1}"
    key.append({"subject": subject, "study": study, "patient_id": patient, "study_date": day})
    return subject, study


def _masks(paths: list[Path], scans: list[Found]) -> list[Found]:
    """Masks that were put beside the converted scans, told by their names."""
    found, studies = [], {}
    for scan in scans:
        studies.setdefault(scan.subject, set()).add(scan.session)
    for path in paths:
        parts = parts_of_name(f"{path.parent.name}/{path.name}")
        if parts is None or path.parent.name not in studies:
            continue
        study = next((name for name in studies[path.parent.name] if re.search(rf"_{name}(_|\.)", path.name)), "")
        found.append(Found(path.parent.name, study, parts[2], path))
    return found
