"""Write a new study: its config and tables, from those of config/template."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from vhi.exchange.index_files import IMAGES
from vhi.io.files import write_text
from vhi.study.rows import read_schema

READERS = ("R1", "R2")  # of the template's config


def with_settings(text: str, title: str, data: str, resample: bool, drawn: bool, visits: Sequence[str]) -> str:
    """Put a study's own title, data folder and sources into the template's config.

    Parameters
    ----------
    text : str
        Of config/template/config.yaml.
    title, data : str
    resample : bool
        Whether a STIR lies on another grid than its T1w.
    drawn : bool
        Whether every scan has a disease region; where not, the published ensemble finds it.
    visits : sequence of str
        In their order.

    Returns
    -------
    str
    """
    settings = {"title": json.dumps(title, ensure_ascii=False), "data": json.dumps(data, ensure_ascii=False)}
    settings["sessions"] = f"[{', '.join(visits)}]"
    settings |= {"  resample": str(resample).lower()} | ({} if drawn else {"  source": "published"})
    for key, value in settings.items():
        text = re.sub(f"^{key}:.*", lambda _, line=f"{key}: {value}": line, text, flags=re.M)
    return text


def filled(text: str, rows: Iterable[dict[str, str]], columns: Sequence[str] = ()) -> str:
    """Put rows in place of those of a table of the template; its comments and header (or `columns`) stay."""
    lines = text.splitlines()
    header = next(place for place, line in enumerate(lines) if line and not line.startswith("#"))
    columns = columns or lines[header].split("\t")
    cells = [columns, *([row.get(column) or "" for column in columns] for row in rows)]
    return "\n".join([*lines[:header], *map("\t".join, cells)]) + "\n"


def open_readings(rows: list[dict], readers: Sequence[str] = READERS) -> Iterator[dict[str, str]]:
    """Make open semi-automatic readings of every scan; commented out where it has no STIR.

    Parameters
    ----------
    rows : list of dict
        ``scan stir``.
    readers : sequence of str
    """
    for row in rows:
        scan = row["scan"] if row["stir"] else f"# {row['scan']}"
        for reader in readers:
            yield {"scan": scan, "reader": reader, "trial": "1", "method": "semiautomatic"}


def cells_of(row: dict, data: Path) -> dict[str, str]:
    """A row of scans.tsv as text, paths relative to the data folder."""
    cells = {column: row[column] for column in ("scan", "subject", "session")} | {"role": "apply"}
    for column in IMAGES:
        cells[column] = os.path.relpath(row[column], data) if row[column] else ""
    if row["dicom"]:
        listed = data / "dicom" / f"{row['scan']}_STIR.txt"
        write_text(listed, "".join(f"{os.path.relpath(path.resolve(), listed.parent)}\n" for path in row["dicom"]))
        cells["stir_dicom"] = os.path.relpath(listed, data)
    return cells


def write_study(
    study: Path,
    root: Path,
    title: str,
    data: Path,
    rows: list[dict],
    cells: list[dict],
    resample: bool,
    visits: Sequence[str],
) -> None:
    """Write config and tables of a new study from the template; what exists stays.

    Parameters
    ----------
    study, root : Path
        The study's folder, and the repository.
    title : str
    data : Path
        Folder of the scans.
    rows, cells : list of dict
        One per scan, as found and as `cells_of` gives it.
    resample : bool
        Whether a STIR lies on another grid than its T1w.
    visits : sequence of str
        In their order.
    """
    subjects = [{"subject": name} for name in dict.fromkeys(row["subject"] for row in rows)]
    tables = {"scans": cells, "readings": open_readings(rows), "clinical": (), "scores": (), "subjects": subjects}
    columns = {"scans": list(read_schema(root, "scans")["properties"])}
    template = {path.name: path.read_text(encoding="utf-8") for path in (root / "config" / "template").iterdir()}
    texts = {f"{name}.tsv": filled(template[f"{name}.tsv"], of, columns.get(name, ())) for name, of in tables.items()}
    drawn = all(row["disease_region"] for row in rows)
    texts["config.yaml"] = with_settings(template["config.yaml"], title, _shown(data), resample, drawn, visits)
    for name, text in texts.items():
        if not (study / name).exists():
            write_text(study / name, text)


def _shown(path: Path) -> str:
    """A path as it stands in a config: relative where it lies under the folder that Snakemake is started in."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)
