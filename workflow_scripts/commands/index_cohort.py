"""Index a cohort of one's own: BIDS, DICOM or loose NIfTI files become config/<study>/scans.tsv (make index).

It shows how it understood the files and asks before it writes (YES=1: it does not ask). Nothing that exists is overwritten.
What was found, chosen and not understood is printed and kept in index.txt beside the table, with what is missing and what to
do next.
"""

import argparse
import sys
from pathlib import Path

import yaml

from commands import ROOT, call
from vhi.exchange import index_report as report
from vhi.exchange.index_check import doubtful_subjects, geometry
from vhi.exchange.index_files import Found, find_bids, find_nifti, unused_folders, why_ignored
from vhi.exchange.index_study import cells_of, write_study
from vhi.exchange.index_table import scan_rows
from vhi.exchange.index_update import extend_tables, merged_table, rows_of
from vhi.io.errors import InputError
from vhi.io.files import write_text


def kind_of(folder: Path) -> str:
    """Tell how a folder holds scans: bids, nifti or dicom."""
    if (folder / "dataset_description.json").is_file():
        return "bids"
    return "nifti" if next(folder.rglob("*.nii*"), None) else "dicom"


def find(options: argparse.Namespace, source: Path, data: Path) -> tuple[list[Found], list[str]]:
    """Files that are scans or masks, and what was not understood."""
    if options.kind == "dicom":
        from vhi.exchange.index_convert import convert_series

        return convert_series(source, data, keep_identifiers=options.identifiers == "keep")
    found, ignored = find_bids(source) if options.kind == "bids" else find_nifti(source, options.pattern)
    notes = [f"{path.relative_to(source)}: {why_ignored(path.relative_to(source).as_posix())}" for path in ignored]
    return found, notes + unused_folders(source, [*(one.path for one in found), *ignored])


def checked_source(options: argparse.Namespace) -> Path:
    """Folder of the scans; `InputError` where it is none, is empty, or would take in this project's own files."""
    if not options.source.strip():
        raise InputError("FROM=DIR is missing: the folder of the scans (a BIDS dataset, DICOM series or NIfTI files)")
    if not options.study.strip():
        raise InputError("STUDY=NAME is missing: how the study is to be called, such as STUDY=mystudy")
    source = Path(options.source).expanduser().resolve()
    if not source.is_dir():
        raise InputError(f"{source}: no such folder; FROM=DIR must hold a BIDS dataset, DICOM series or NIfTI files")
    for root in (ROOT, Path.cwd()):
        if root.is_relative_to(source):
            raise InputError(
                f"{source}: holds this project ({root}), its results and what readers were given; FROM=DIR must be the folder of the "
                "scans alone"
            )
        if source.is_relative_to(root / "results"):
            raise InputError(
                f"{source}: lies under results/, which runs overwrite; FROM=DIR must hold scans as they came"
            )
    if not any(path.is_file() for path in source.rglob("*")):
        raise InputError(
            f"{source}: expected scans, found an empty folder; FROM=DIR must be the folder that holds them"
        )
    return source


def agreed(question: str) -> bool:
    """Ask, and tell whether the answer is yes; where nobody can answer, it is no."""
    print(question)
    return sys.stdin.isatty() and input("yes or no: ").strip().lower() in ("y", "yes")


def index(options: argparse.Namespace) -> str:
    """Index and write; gives the report."""
    source = checked_source(options)
    study = Path(options.study) if "/" in options.study else ROOT / "config" / options.study
    table = study / "scans.tsv"
    if table.exists() and not options.update:
        raise InputError(
            f"{table}: exists already; nothing was written. Take another STUDY, or UPDATE=yes to add new scans and fill empty cells"
        )
    options.kind = options.kind or kind_of(source)
    data = (Path(options.data or f"data/{study.name}").resolve()) if options.kind == "dicom" else source
    found, ignored = find(options, source, data)
    rows, doubts, visits = scan_rows(found)
    doubts = doubtful_subjects(found) + doubts
    if not rows:
        raise InputError(
            f"{source}: no T1w scan was found ({report.SOURCES[options.kind]}){report.hint(options.kind, ignored)}"
        )
    if not (options.yes or agreed(report.question(rows, doubts, ignored, study))):
        raise InputError(
            "nothing was written. Rename what is wrong, or say how names are made (PATTERN); YES=1 writes without a question"
        )
    checked = [(row, *geometry(row)) for row in rows]
    cells = [cells_of(row, data) for row in rows]
    resample = any(facts.get("same_grid") is False for _, facts, _ in checked)
    written = f"{len(rows)} scans written to {table}"
    before = rows_of(table) if table.exists() else None
    if before is not None:
        text, added, filled = merged_table(table.read_text(encoding="utf-8-sig"), cells)
        write_text(table, text)
        written = f"{table}: {added} scans added, {filled} empty cells filled"
    write_study(study, ROOT, options.title or study.name, data, rows, cells, resample, visits)
    config = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
    if before is not None:
        further = extend_tables(study, config.get("readers", []), rows, before)
        written += f"; {further or 'nothing else was changed'}"
    if config.get("disease_region", {}).get("resample"):
        resample = False  # set already
    if lacking := [visit for visit in visits if visit not in config.get("sessions", ["pre", "post"])]:
        doubts.append(
            f"sessions {', '.join(lacking)}: add them to `sessions` in {study / 'config.yaml'}, in their order"
        )
    text = report.text(options.kind, written, checked, doubts, ignored, study, data, resample and options.update)
    write_text(study / "index.txt", text)
    return text


def main(given: list[str] | None = None) -> None:
    """Read the command line, index, print the report."""
    parser = argparse.ArgumentParser(prog="make index", description=__doc__)
    parser.add_argument("--study", required=True, help="name under config/, or a path with a slash")
    parser.add_argument("--from", dest="source", required=True, help="folder of the scans")
    kinds = list(report.SOURCES)
    parser.add_argument("--kind", choices=kinds, help="how the folder holds scans; told by its content otherwise")
    parser.add_argument("--pattern", default="", help="names of loose files: {subject}/{session}_{image}.nii.gz")
    parser.add_argument("--data", default="", help="where DICOM series are converted to; data/<study> otherwise")
    names = {"choices": ["replace", "keep"], "default": "replace"}
    parser.add_argument("--identifiers", **names, help="patient IDs of DICOM files")
    parser.add_argument("--title", default="")
    parser.add_argument("--update", action="store_true", help="add to a table that exists")
    parser.add_argument("--yes", action="store_true", help="write without a question")
    print(call(index, parser, given), end="")


if __name__ == "__main__":
    main()
