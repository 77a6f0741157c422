"""Rows of a study's tables, each cell checked against the table's schema."""

import difflib
import re
from functools import cache
from pathlib import Path

import jsonschema
import yaml

from vhi.io.errors import InputError
from vhi.io.tables import read_lines


class Row(dict):
    """A row of a table, with every column of its schema.

    Attributes
    ----------
    line : int
        Its line in the file (0 where no file has it).
    named : dict
        Its cells as the file has them, before paths are joined to the data folder.
    passed_over : tuple of str
        What was handed in for it and is not used, in words.
    """

    def __init__(self, schema: dict, cells: dict, line: int = 0) -> None:
        super().__init__(dict.fromkeys(schema["properties"]) | cells)
        self.line, self.named, self.passed_over = line, {}, ()


@cache  # every run reads all of them, some several times, and Python's own parser took a fifth of the start
def read_schema(root: Path, name: str) -> dict:
    """Read ``config/schemas/<name>.schema.yaml``; the same dict each time, not to be changed."""
    text = (root / "config" / "schemas" / f"{name}.schema.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_checked(path: Path, schema: dict) -> list[dict]:
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


def _check_header(path: Path, number: int, header: list[str], schema: dict) -> None:
    known = list(schema["properties"])
    for sign, words in ((",", "commas"), (";", "semicolons")):
        if len(header) == 1 and header[0].split(sign)[0].strip().strip('"') in known and sign in header[0]:
            raise InputError(
                f"{path}, row {number}: expected columns separated by tabs, found {words}; save the table as tab-separated text "
                "(spreadsheets: Text, tab delimited)"
            )
    for column in header:
        if gone := schema.get("x-gone", {}).get(column):
            raise InputError(f"{path}, row {number}: column '{column}' is gone: {gone}")
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
        value = _value(text or str(rule.get("default", "")), rule)
        where = f"{path}, row {number}, column '{column}'"
        if value is None:
            if column in schema["required"] and "null" not in rule.get("type", ()):
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
                raise InputError(f"{path}, row {number}: {named} duplicates row {seen[value]}")
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
