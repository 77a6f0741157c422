"""The manifest: what every output and every input hashed to when it was made, so that any later change is found.

This module needs only what Snakemake itself brings: the Snakefile writes the manifest when a run ends.
"""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from vhi.io.errors import InputError
from vhi.io.files import write_text
from vhi.io.hashes import sha256_of_file
from vhi.io.tables import read_rows, write_rows

NAME = "manifest.tsv"
COLUMNS = ("role", "path", "sha256", "bytes", "rule")
ROLES = ("output", "input", "study", "ensemble", "code")
TEST_LOG = "test_log.tsv"
"""Each evaluation on test scans (`vhi.region.test_log`), beside a study's tables or simulated scans; no run's output, for it grows."""
NOT_OUTPUTS = (NAME, "report.html", "report.zip", "inventory.tsv", "crate.zip", "former_packs")


@dataclass(frozen=True)
class Made:
    """What Snakemake recorded of an output.

    Attributes
    ----------
    rule : str
    when : str
        Start and end of the job, only ever compared for equality: clocks jump.
    inputs : tuple of str
        Paths as the rule had them.
    """

    rule: str
    when: str
    inputs: tuple[str, ...]


def folders_of(root: str | Path, study: str | Path, data: str | Path, results: str | Path) -> dict[str, Path]:
    """Folder of each role; names in the manifest are relative to it, so that they do not carry where it lies."""
    return dict(zip(ROLES, map(Path, (results, data, study, "data/ensembles", root)), strict=True))


def place_of(source: str | Path, folders: dict[str, Path]) -> tuple[str, str] | None:
    """Role and name of an input: of the innermost folder that holds it; None for an output."""
    path = Path(os.path.abspath(source))
    holding = {role: Path(os.path.abspath(folder)) for role, folder in folders.items()}
    within = [role for role, folder in holding.items() if path.is_relative_to(folder)]
    role = max(within, key=lambda role: len(holding[role].parts), default="input")
    name = os.path.relpath(path, holding[role]).replace(os.sep, "/")
    return None if role == "output" else (role, name)


class Manifest:
    """The manifest of one study: where it lies, and whether it is to be written.

    Parameters
    ----------
    root : Path
        The workflow's folder.
    study : str
        Folder of the study.
    data : str
        Folder of its scans.
    label : str
        Name of its results under ``results/``.
    """

    def __init__(self, root: str | Path, study: str, data: str, label: str):
        self.results = Path("results") / label
        self.folders = folders_of(root, study, data, self.results)
        # There while a run goes on, and after one that was killed; and what was hashed when, kept outside the results.
        self.opened = Path(".snakemake") / f"manifest-{label}.open"
        self.memory = Path(".snakemake") / f"manifest-{label}.json"

    def open(self) -> None:
        """Note that a run goes on."""
        self.opened.touch()

    def is_due(self) -> bool:
        """Whether a run was killed before it wrote its manifest."""
        return self.opened.exists() or not (self.results / NAME).exists()

    def write(self, made: Callable[[Path], Made | None]) -> None:
        """Write ``manifest.tsv``, and note that the run is over.

        An output is hashed once after the job that made it. Its row then stays until it is made again, so that whatever
        changes it later does not become its checksum. An input is hashed again where its size or time has changed.

        Parameters
        ----------
        made : callable
            Gives what is recorded of an output, or None for a file that no rule made.
        """
        if not self.results.is_dir():
            return
        before = {(row["role"], row["path"]): row for row in read_manifest(self.results)}
        remembered = json.loads(self.memory.read_text(encoding="utf-8")) if self.memory.is_file() else {}
        rows, inputs, now = [], {}, {}

        def add(role: str, name: str, path: str | Path, state: str, rule: str = "") -> None:
            key = name if role == "output" else f"{role}:{name}"
            now[key] = state
            known = before.get((role, name)) if remembered.get(key) == state else None
            size = str(Path(path).stat().st_size)
            rows.append(known or dict(zip(COLUMNS, (role, name, sha256_of_file(path), size, rule), strict=True)))

        for path in outputs_under(self.results):
            if record := made(path):
                add("output", path.relative_to(self.results).as_posix(), path, record.when, record.rule)
                inputs.update(
                    (source, place_of(source, self.folders)) for source in record.inputs if source not in inputs
                )
        for source, placed in sorted(inputs.items()):
            if placed is not None and Path(source).is_file():
                status = Path(source).stat()
                add(*placed, source, f"{status.st_size} {status.st_mtime_ns}")
        rows.sort(key=lambda row: (ROLES.index(row["role"]), row["path"]))
        write_rows(self.results / NAME, COLUMNS, rows)
        write_text(self.memory, json.dumps(now))
        self.opened.unlink(missing_ok=True)


def made_by(path: Path, results: Path, record_of: Callable[[Path], dict | None]) -> Made | None:
    """Find what is recorded of an output, of the folder that was made with it, or of the list in the folder of a pack."""
    folders = path.parents[: -len(results.parts) - 1]
    for made in (path, *folders, *(folder / "reading_list.tsv" for folder in folders)):
        if record := record_of(made):
            return Made(record["rule"], f"{record['starttime']} {record['endtime']}", tuple(record["input"] or ()))
    return None


def outputs_under(results: Path) -> list[Path]:
    """Files under a study's results that rules made: no logs, report or manifest, nor what a killed job left half written."""
    return sorted(
        path
        for path in results.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")
        and path.name != TEST_LOG
        and path.relative_to(results).parts[0] not in ("logs", *NOT_OUTPUTS)
    )


def read_manifest(results: Path) -> list[dict[str, str]]:
    """Rows of ``manifest.tsv``; none where there is no such file; `InputError` where it is damaged."""
    rows = read_rows(results / NAME, COLUMNS)
    if any(row["role"] not in ROLES for row in rows):
        raise InputError(
            f"{results / NAME}: expected roles among {', '.join(ROLES)}, found others; remove it and run again"
        )
    return rows


def differences(rows: Iterable[dict[str, str]], folders: dict[str, Path]) -> list[tuple[str, str, str]]:
    """Compare a manifest with the files.

    Parameters
    ----------
    rows : iterable of dict
        Of the manifest.
    folders : dict of Path
        Of `folders_of`.

    Returns
    -------
    list of (problem, file, what)
        `problem` is ``changed``, ``missing`` or ``unknown``.
    """
    found, outputs = [], set()
    for row in rows:
        path = folders[row["role"]] / row["path"]
        if row["role"] == "output":
            outputs.add(path)
        if not path.is_file():
            found.append(("missing", str(path), row["rule"] or row["role"]))
        elif str(path.stat().st_size) != row["bytes"] or sha256_of_file(path) != row["sha256"]:
            found.append(("changed", str(path), f"since it was {'made by ' + row['rule'] if row['rule'] else 'used'}"))
    unknown = [path for path in outputs_under(folders["output"]) if path not in outputs]
    return found + [("unknown", str(path), "no rule of a finished run made it") for path in unknown]
