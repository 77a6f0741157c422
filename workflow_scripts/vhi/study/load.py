"""A study is a folder: its config and tables, read and checked.

This module is what the Snakefile stands on, so that it needs nothing beside what Snakemake itself brings: a workflow
whose rules run in environments of their own can be planned by a Snakemake that has no scientific package.
"""

import difflib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from vhi.io.errors import InputError
from vhi.io.manifest import TEST_LOG
from vhi.study.config import read_config
from vhi.study.files import find_files, found
from vhi.study.multiverse import Multiverse, read_multiverse
from vhi.study.records import add_repeats, take_records
from vhi.study.registry import ensemble_of
from vhi.study.rows import read_checked, read_schema
from vhi.study.tool_masks import take_tool_masks
from vhi.study.visits import check_visits

TABLES = (
    "scans", "readings", "scores", "sparcc_sheets", "subjects", "clinical", "claims", "design", "region_review", "disagreements",
)  # fmt: skip
TEST_LOOKS = "test_looks.tsv"
"""As `vhi.io.manifest.TEST_LOG`, but committed, with what each look was for (make record-look)."""


@dataclass(frozen=True)
class Study:
    """A study as the rules see it.

    Attributes
    ----------
    name : str
        Name of the study's folder.
    folder : str
        Where config and tables are.
    variant : str
        Name of the overlay, or "".
    config : dict
        Every key of ``config/schemas/config.schema.yaml``, defaults filled in.
    tables : dict of list of dict
        Rows of each table by name; paths joined to the data folder, None for empty cells and absent files.
    with_stir : frozenset of str
        Scans for which scans.tsv names a STIR, whether the file is there or not.
    absent : tuple of str
        Files that the tables or the config name and the data folder lacks (``absent_files: report``).
    published_regions : dict of str
        The authors' automatic disease regions that are present, by scan.
    ensemble : list of dict
        Members of the pretrained ensemble that the config names (file, url, sha256), or none.
    multiverse : Multiverse, optional
        Axes of ``multiverse.yaml``.
    tool_masks : dict of dict
        Masks that other tools saved in other formats (`vhi.study.tool_masks`).
    """

    name: str
    folder: str
    variant: str
    config: dict
    tables: dict[str, list[dict]]
    with_stir: frozenset[str] = frozenset()
    absent: tuple[str, ...] = ()
    published_regions: dict[str, str] = field(default_factory=dict)
    ensemble: list[dict] = field(default_factory=list)
    multiverse: Multiverse | None = None
    tool_masks: dict[str, dict] = field(default_factory=dict)

    @cached_property  # asked for once per scan
    def label(self) -> str:
        """Folder under ``results/``: the study, with @variant where there is one."""
        return label(self.folder, self.variant)


def own_version(root: Path) -> str:
    """Version of this project, as CITATION.cff states it."""
    return re.search(r'^version: "?([^"\n]+)', (root / "CITATION.cff").read_text(encoding="utf-8"), re.M)[1]


def label(folder: str | Path, variant: str) -> str:
    """Name of a study's folder under ``results/``."""
    name = Path(folder).resolve().name
    return f"{name}@{variant}" if variant else name


def load_study(root: Path, name: str, variant: str = "", data: str = "") -> Study:
    """Read and check a study.

    Parameters
    ----------
    root : Path
        The repository.
    name : str
        Folder under ``config/`` of the working folder, else of the repository; or a path with a slash to a study elsewhere.
    variant : str
        Overlay ``variants/<variant>.yaml`` in the study's folder; "" for none.
    data : str
        Replaces the config's data folder; "" to keep it.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        With file, key or row and column, what was found and what is allowed.
    """
    places = [Path(name)] if "/" in name else [Path("config") / name, root / "config" / name]
    folder = next((place for place in places if (place / "config.yaml").is_file()), places[-1])
    if not (folder / "config.yaml").is_file():
        known = sorted({path.parent.name for place in (Path(), root) for path in place.glob("config/*/config.yaml")})
        raise InputError(f"no study '{name}': {folder / 'config.yaml'} does not exist; studies: {', '.join(known)}")
    config = read_config(folder, variant, read_schema(root, "config"))
    if data:
        config["data"] = data
    if config["simulation"]:  # the workflow makes the scans, next to their results
        config["data"] = f"results/{label(folder, variant)}/0_scans"
    ensemble = ensemble_of(config["ensemble"]["source"], root / "config" / "ensembles.yaml", folder / "ensembles.yaml")
    tables = {table: read_checked(folder / f"{table}.tsv", read_schema(root, table)) for table in TABLES}
    check_references(folder, tables, config)
    check_visits(folder, tables, config)
    config["reading_room"]["records"] = config["reading_room"]["records"] or str(folder / "records")
    if config["reading_room"]["readings"] == "all":  # masks and counts of the table are passed over
        cleaned = [row for row in tables["readings"] if row["method"] == "semiautomatic"]
        for row in cleaned:
            row.update(mask=None, vhi_voxels=None)
    with_stir = frozenset(row["scan"] for row in tables["scans"] if row["stir"])
    absent = find_files(folder, tables, config, {table: read_schema(root, table) for table in TABLES})
    regions = {
        scan: path for pattern in config["published_regions"].values() for scan, path in found(pattern, config["data"])
    }
    if config["absent_files"] == "report":  # patterns to which no file belongs
        patterns = [*config["further_scans"].values(), *config["published_regions"].values()]
        absent += [pattern for pattern in patterns if not found(pattern, config["data"])]
    add_repeats(tables["readings"], config, read_schema(root, "readings"))
    take_records(tables["readings"], config)
    masks = take_tool_masks(tables, label(folder, variant))
    name, axes = folder.resolve().name, read_multiverse(folder, root, config)
    return Study(name, str(folder), variant, config, tables, with_stir, tuple(absent), regions, ensemble, axes, masks)


def check_references(folder: Path, tables: dict[str, list[dict]], config: dict) -> None:
    """Check what one table says of another: scans, subjects and readers must be known."""
    known_files = {TEST_LOG, TEST_LOOKS, *(f"{table}.tsv" for table in TABLES)} | {
        (config["download"] or {}).get("manifest")
    }
    for path in sorted(folder.glob("*.tsv")):
        if path.name == "failures.tsv":
            raise InputError(f"{path}: the table is called disagreements.tsv now; rename it")
        if path.name not in known_files:
            near = difflib.get_close_matches(path.name, [f"{table}.tsv" for table in TABLES], n=1)
            raise InputError(
                f"{path}: unknown table"
                + (f"; did you mean {near[0]}?" if near else "")
                + f" Known: {_some(set(TABLES))}"
            )
    if not tables["scans"]:
        raise InputError(f"{folder / 'scans.tsv'}: expected a table with at least one scan, found none")
    known = {
        "scan": ({row["scan"] for row in tables["scans"]}, f"{folder}/scans.tsv"),
        "subject": ({row["subject"] for row in tables["scans"]}, f"{folder}/scans.tsv"),
        "reader": (set(config["readers"]), f"`readers` of {folder}/config.yaml"),
        "session": (set(config["sessions"]), f"`sessions` of {folder}/config.yaml"),
    }
    for table, rows in tables.items():
        columns = known.keys() & (rows[0].keys() if rows else set())
        for column in sorted(columns & {"session"} if table == "scans" else columns):
            names, where = known[column]
            for row in rows:
                if row[column] not in names:
                    raise InputError(
                        f"{folder / table}.tsv, row {row.line}, column '{column}': unknown {column} '{row[column]}'; "
                        f"known from {where}: {_some(names)}"
                    )
    for row in tables["scores"]:
        if (row["source"] == "total") != (row["sparcc"] is not None):
            raise InputError(
                f"{folder}/scores.tsv, row {row.line}: scan {row['scan']}, reader {row['reader']}: a bare total needs `sparcc` and "
                "source `total`; a score from the sheet has an empty `sparcc` and source `sheet`"
            )
    for row in tables["readings"]:
        if row["method"] == "manual" and row["vhi_voxels"] is not None and row["mask"] is None:
            raise InputError(
                f"{folder}/readings.tsv, row {row.line}: scan {row['scan']}, reader {row['reader']}: a manual "
                "reading needs its mask; a count alone stands in for semi-automatic readings only"
            )


def _some(values: set[str]) -> str:
    listed = sorted(values)
    return ", ".join(listed[:20]) + (f", ... ({len(listed)} in all)" if len(listed) > 20 else "") if listed else "none"
