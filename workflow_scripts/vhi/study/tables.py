"""Read a table of a study's folder, or the same table made by a simulation, as a frame."""

from pathlib import Path

import pandas as pd

from vhi.study.rows import read_checked, read_schema

ROOT = Path(__file__).parents[3]  # whose config/schemas say what a study's own table may hold


def read_study_table(path: str | Path | None, name: str) -> pd.DataFrame:
    """Read a table of a study's folder, or the same table made by a simulation, checked against its schema.

    Parameters
    ----------
    path : str or Path, optional
        None where the study has no such table.
    name : str
        Name of the schema: ``clinical``, ``scores`` and so on.

    Returns
    -------
    DataFrame
        Every column of the schema, in its order; NaN where a cell is empty or a column absent.

    Raises
    ------
    InputError
        With row and column, what was found and what is allowed.
    """
    schema = read_schema(ROOT, name)
    rows = read_checked(Path(path), schema) if path else []
    frame = pd.DataFrame(rows, columns=list(schema["properties"]))
    for column, rule in schema["properties"].items():
        if {"number", "integer"} & {*([rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type", []))}:
            frame[column] = pd.to_numeric(frame[column])
    return frame
