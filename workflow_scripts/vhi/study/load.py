"""A study is a folder: its config and tables, read and checked.

This module is what the Snakefile stands on, so that it needs nothing beside what Snakemake itself brings: a workflow
whose rules run in environments of their own can be planned by a Snakemake that has no scientific package.
"""

import copy
import difflib
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import jsonschema
import yaml

from vhi.io.errors import InputError
from vhi.io.tables import read_lines
from vhi.region.protocols import AS_THE_PAPER, AVERAGED
from vhi.region.registry import ensemble_of
from vhi.study.records import take_records

TABLES = (
    "scans",
    "readings",
    "scores",
    "sparcc_sheets",
    "subjects",
    "clinical",
    "claims",
    "design",
    "region_review",
    "failures",
)
TEST_LOG = "test_log.tsv"
"""Beside the tables, written by the workflow: every evaluation on test scans (`vhi.region.test_log`)."""


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
        Folder under ``config/``, or a path with a slash to a study that is kept elsewhere.
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
    folder = Path(name) if "/" in name else root / "config" / name
    if not (folder / "config.yaml").is_file():
        known = sorted(path.parent.name for path in (root / "config").glob("*/config.yaml"))
        raise InputError(f"no study '{name}': {folder / 'config.yaml'} does not exist; studies: {', '.join(known)}")
    config = read_config(folder, variant, read_schema(root, "config"))
    if data:
        config["data"] = data
    if config["simulation"]:  # the workflow makes the scans, next to their results
        config["data"] = f"results/{label(folder, variant)}/0_scans"
    ensemble = ensemble_of(config["ensemble"]["source"], root / "config" / "ensembles.yaml", folder / "ensembles.yaml")
    tables = {table: read_table(folder / f"{table}.tsv", read_schema(root, table)) for table in TABLES}
    check_references(folder, tables, config)
    config["reading_room"]["records"] = config["reading_room"]["records"] or str(folder / "records")
    if config["reading_room"]["readings"] == "all":  # masks and counts of the table are passed over
        cleaned = [row for row in tables["readings"] if row["method"] == "semiautomatic"]
        for row in cleaned:
            row.update(mask=None, vhi_voxels=None)
    with_stir = frozenset(row["scan"] for row in tables["scans"] if row["stir"])
    absent = find_files(folder, tables, config, {table: read_schema(root, table) for table in TABLES})
    regions = {
        scan: path for pattern in config["published_regions"].values() for scan, path in _found(pattern, config["data"])
    }
    absent += [pattern for pattern in _without_match(config) if config["absent_files"] == "report"]
    take_records(tables["readings"], config)
    return Study(
        folder.resolve().name, str(folder), variant, config, tables, with_stir, tuple(absent), regions, ensemble
    )


class Row(dict):
    """A row of a table, with every column of its schema, that knows its line in the file (0 where no file has it)."""

    line: int = 0

    def __init__(self, schema: dict, cells: dict, line: int = 0) -> None:
        super().__init__(dict.fromkeys(schema["properties"]) | cells)
        self.line = line


@cache  # every run reads all of them, some several times, and Python's own parser took a fifth of the start
def read_schema(root: Path, name: str) -> dict:
    """Read ``config/schemas/<name>.schema.yaml``; the same dict each time, not to be changed."""
    text = (root / "config" / "schemas" / f"{name}.schema.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_config(folder: Path, variant: str, schema: dict) -> dict:
    """Read a study's config, lay the variant over it, fill in defaults and check both against the schema."""
    path = folder / "config.yaml"
    config = _read_yaml(path)
    _check_config(config, schema, path)
    if variant:
        overlay = folder / "variants" / f"{variant}.yaml"
        if not overlay.is_file():
            known = sorted(found.stem for found in (folder / "variants").glob("*.yaml")) or ["none"]
            raise InputError(f"no variant '{variant}': {overlay} does not exist; variants: {', '.join(known)}")
        laid_over = _read_yaml(overlay)
        config = overlaid(config, laid_over)
        _check_config(config, schema, overlay)
    return averaging_settled(with_defaults(config, schema))


def overlaid(config: dict, overlay: dict) -> dict:
    """Lay one nested dict over another: mappings merge, everything else is replaced."""
    out = copy.deepcopy(config)
    for key, value in overlay.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = overlaid(out[key], value) if both else copy.deepcopy(value)
    return out


def with_defaults(config: dict, schema: dict) -> dict:
    """Fill in the schema's defaults, at every depth."""
    out = dict(config)
    for key, rule in schema.get("properties", {}).items():
        if key not in out and "default" in rule:
            out[key] = copy.deepcopy(rule["default"])
        if isinstance(out.get(key), dict):
            out[key] = with_defaults(out[key], rule)
    return out


def averaging_settled(config: dict) -> dict:
    """Say what predictions average where a complete config leaves it open (null): it goes by where the networks come from."""
    trained = config["ensemble"]["source"] == "trained" and config["training"]["protocol"] != "paper"
    settled = {key: value for key, value in config["ensemble"].items() if value is not None or key not in AVERAGED}
    return config | {"ensemble": copy.deepcopy(AVERAGED if trained else AS_THE_PAPER) | settled}


def read_table(path: Path, schema: dict) -> list[dict]:
    """Read a tab-separated table and check every cell against its schema; an absent table has no rows.

    Returns
    -------
    list of dict
        One dict per row with every column of the schema; empty cells are None, numbers are numbers.
    """
    if not path.is_file():
        return []
    lines = read_lines(path)
    number, header = next(lines)
    _check_header(path, number, header, schema)
    rows = [_check_row(path, number, dict(zip(header, cells, strict=True)), schema) for number, cells in lines]
    _check_unique(path, [row.line for row in rows], rows, schema)
    return rows


def check_references(folder: Path, tables: dict[str, list[dict]], config: dict) -> None:
    """Check what one table says of another: scans, subjects and readers must be known."""
    known_files = {TEST_LOG, *(f"{table}.tsv" for table in TABLES)} | {(config["download"] or {}).get("manifest")}
    for path in sorted(folder.glob("*.tsv")):
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
    }
    for table, rows in tables.items():
        for column in sorted(known.keys() & (rows[0].keys() if rows and table != "scans" else set())):
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


def find_files(folder: Path, tables: dict[str, list[dict]], config: dict, schemas: dict[str, dict]) -> list[str]:
    """Join paths to the data folder, in place; report or refuse absent ones; add the scans found by pattern.

    Returns
    -------
    list of str
        Absent files, relative to the data folder.
    """
    data, absent = Path(config["data"]).expanduser(), []

    def located(cell: str, where: str) -> str | None:
        path = data / cell
        if cell.endswith(".json"):  # a cleaning record
            path = Path(config["reading_room"]["records"]) / cell
        if config["simulation"] and path.suffix != ".json":
            return str(path)
        if path.resolve().is_relative_to(Path("results").resolve()):
            raise InputError(
                f"{where}: {path} lies under results/, which runs overwrite; keep what a human made elsewhere"
            )
        if path.is_file():
            return str(path)
        if config["absent_files"] == "error":
            raise InputError(
                f"{where}: no such file: {path}; correct the path, or set `absent_files: report` in "
                f"{folder}/config.yaml to go on without it"
            )
        absent.append(cell)
        return None

    if config["absent_files"] == "error" and not data.is_dir() and not config["simulation"]:
        raise InputError(
            f"{folder}/config.yaml: the data folder '{data}' does not exist; set `data`, or make ... DATA=DIR"
        )
    for table, rows in tables.items():
        columns = [name for name, rule in schemas[table]["properties"].items() if rule.get("x-file")]
        for row in rows:
            for column in columns:
                if row[column] is not None:
                    row[column] = located(row[column], f"{folder}/{table}.tsv, row {row.line}, column '{column}'")
    tables["scans"][:] = [row for row in tables["scans"] if row["t1w"] is not None]
    tables["scans"] += _further_scans(tables["scans"], config, schemas["scans"])
    config["ensemble"]["members"] = [
        path
        for member in config["ensemble"]["members"]
        if (path := located(member, f"{folder}/config.yaml, ensemble.members")) is not None
    ]
    if config["published"] is not None:
        published = data / config["published"]
        if not published.is_dir():
            absent.append(f"{config['published']}/")
        config["published"] = str(published) if published.is_dir() else None
    _drop_readings_without_scan(folder, tables, config, absent)
    kept = {row["scan"] for row in tables["scans"]}
    for table in ("readings", "scores", "sparcc_sheets"):
        tables[table][:] = [row for row in tables[table] if row["scan"] in kept]
    return absent


def _drop_readings_without_scan(folder: Path, tables: dict[str, list[dict]], config: dict, absent: list[str]) -> None:
    """Refuse or list readings whose scan lacks the STIR, or the normal marrow that a preliminary segmentation needs."""
    scans = {row["scan"]: row for row in tables["scans"]}
    kept = []
    for row in tables["readings"]:
        needed = ["stir"]
        if row["method"] == "semiautomatic" and (row["mask"] is not None or row["vhi_voxels"] is None):
            needed += ["normal_bone"] if config["normal_bone"]["source"] == "drawn" else []
        lacks = [column for column in needed if row["scan"] in scans and scans[row["scan"]][column] is None]
        if not lacks:
            kept.append(row)
        elif config["absent_files"] == "error":
            raise InputError(
                f"{folder}/readings.tsv, row {row.line}: the {row['method']} reading of scan {row['scan']} by {row['reader']} needs "
                f"{' and '.join(lacks)}, which scans.tsv leaves empty; add it there, or take the reading out"
            )
        else:
            absent.append(
                f"the {row['method']} reading of scan {row['scan']} by {row['reader']}: no {' and no '.join(lacks)}"
            )
    tables["readings"][:] = kept


def _further_scans(scans: list[dict], config: dict, schema: dict) -> list[dict]:
    """Rows for the T1w scans that match a pattern of `further_scans` and are not in scans.tsv."""
    known = {row["scan"] for row in scans}
    rows = []
    for session, pattern in config["further_scans"].items():
        for scan, path in _found(pattern, config["data"]):
            if scan not in known:
                # ASSUME which scans belong to one subject is not published for these: each stands for itself.
                cells = {"scan": scan, "subject": scan, "session": session, "t1w": path, "role": "apply"}
                rows.append(Row(schema, cells))
                known.add(scan)
    return rows


def _found(pattern: str, data: str) -> list[tuple[str, str]]:
    """Files that match a pattern with one `*`: (what the star stands for, path), sorted."""
    name = re.compile(re.escape(pattern).replace(r"\*", "([A-Za-z0-9_-]+)"))
    paths = [(path, name.fullmatch(path.relative_to(data).as_posix())) for path in sorted(Path(data).glob(pattern))]
    return [(match[1], str(path)) for path, match in paths if match]


def _without_match(config: dict) -> list[str]:
    """Patterns of the config to which no file belongs."""
    patterns = [*config["further_scans"].values(), *config["published_regions"].values()]
    return [pattern for pattern in patterns if not _found(pattern, config["data"])]


def _read_yaml(path: Path) -> dict:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected keys and values, found {type(content).__name__}")
    return content


def _check_config(config: dict, schema: dict, path: Path) -> None:
    _check_finite(config, path)
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(config))
    if error is None:
        return
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        unknown = next(name for name in error.instance if name not in known)
        near = difflib.get_close_matches(str(unknown), known, n=1)
        full = f"{key}.{unknown}" if key else unknown
        if gone := error.schema.get("x-gone", {}).get(unknown):
            raise InputError(f"{path}: key '{full}' is gone: {gone}")
        raise InputError(
            f"{path}: unknown key '{full}'"
            + (f"; did you mean '{near[0]}'?" if near else "")
            + f" Known: {', '.join(known)}"
        )
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        raise InputError(f"{path}: missing key '{'.'.join(filter(None, [key, missing[0]]))}'")
    raise InputError(f"{path}: key '{key}': found {error.instance!r}; allowed: {allowed(error.schema)}")


def _check_finite(config: dict, path: Path, prefix: str = "") -> None:
    for key, value in config.items():
        if isinstance(value, dict):
            _check_finite(value, path, f"{prefix}{key}.")
        elif isinstance(value, float) and not abs(value) < float("inf"):
            raise InputError(f"{path}: key '{prefix}{key}': found {value}; allowed: a finite number")


def _check_header(path: Path, number: int, header: list[str], schema: dict) -> None:
    known = list(schema["properties"])
    for sign, words in ((",", "commas"), (";", "semicolons")):
        if len(header) == 1 and header[0].split(sign)[0].strip().strip('"') in known and sign in header[0]:
            raise InputError(
                f"{path}, row {number}: expected columns separated by tabs, found {words}; save the table as tab-separated text "
                "(spreadsheets: Text, tab delimited)"
            )
    for column in header:
        if column not in known:
            near = difflib.get_close_matches(column, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise InputError(f"{path}, row {number}: unknown column '{column}'{hint} Known: {', '.join(known)}")
        if header.count(column) > 1:
            raise InputError(f"{path}, row {number}: column '{column}' stands there {header.count(column)} times")
    missing = [column for column in schema["required"] if column not in header]
    if missing:
        raise InputError(
            f"{path}, row {number}: missing column '{missing[0]}'; expected: {', '.join(known)} (tab-separated)"
        )


def _check_row(path: Path, number: int, cells: dict[str, str], schema: dict) -> dict:
    row = Row(schema, {}, number)
    for column, rule in schema["properties"].items():
        text = cells.get(column, "").strip()
        value = _value(text, rule)
        where = f"{path}, row {number}, column '{column}'"
        if value is None:
            if column in schema["required"]:
                raise InputError(f"{where}: found an empty cell; allowed: {allowed(rule)}")
        elif not jsonschema.Draft202012Validator(rule).is_valid(value):
            comma = re.fullmatch(r"[+-]?\d*,\d+", text) and {"integer", "number"} & set(rule.get("type", []))
            hint = "; write decimals with a point (4.5), thousands without a sign" if comma else ""
            raise InputError(f"{where}: found '{text[:60]}'; allowed: {allowed(rule)}{hint}")
        row[column] = value
    return row


def _value(text: str, rule: dict) -> str | int | float | None:
    """Read a cell by its rule: as a number where the rule wants one, else as text; None where empty."""
    if text == "":
        return None
    kinds = rule.get("type", [])
    numeric = {"integer", "number"} & set([kinds] if isinstance(kinds, str) else kinds)
    if not numeric and not any(isinstance(value, int) for value in rule.get("enum", [])):
        return text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return text  # NaN, infinity and 1_000 are words, not numbers
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return text  # 1e999
    whole = value == int(value) and ("integer" in numeric or re.fullmatch(r"[+-]?\d+", text))
    return int(value) if whole else value  # a spreadsheet's 1.0 is the trial 1


def _check_unique(path: Path, numbers: list[int], rows: list[dict], schema: dict) -> None:
    for key in schema.get("x-unique", []):
        seen: dict[tuple, int] = {}
        for number, row in zip(numbers, rows, strict=True):
            value = tuple(row[column] for column in key)
            if value in seen:
                named = ", ".join(f"{column} {part}" for column, part in zip(key, value, strict=True))
                raise InputError(f"{path}, row {number}: {named} stands already in row {seen[value]}; allowed: once")
            seen[value] = number


def allowed(rule: dict) -> str:
    """Say in words what a rule allows."""
    if "enum" in rule:
        return ", ".join("empty" if value is None else str(value) for value in rule["enum"])
    kinds = rule.get("type", "anything")
    words = [{"null": "empty", "string": "text", "array": "a list", "object": "keys and values"}.get(kind, kind) for kind in
             ([kinds] if isinstance(kinds, str) else kinds)]  # fmt: skip
    text = " or ".join(words)
    for key, sign in {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<="}.items():
        if key in rule:
            text += f", {sign} {rule[key]}"
    return f"{text}, {rule['x-says']}" if "x-says" in rule else text


def _some(values: set[str]) -> str:
    listed = sorted(values)
    return ", ".join(listed[:20]) + (f", ... ({len(listed)} in all)" if len(listed) > 20 else "") if listed else "none"
