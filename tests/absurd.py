"""Cells that no table may have: infinite values, ratios beyond a million, intervals that say nothing."""

from pathlib import Path

import numpy as np
import pandas as pd

LARGEST = 1e9  # voxels, mm3 and bytes are below it


def absurd_cells(results: Path) -> list[str]:
    """Search every table of a folder of results; file, column and row of what is found."""
    found = []
    for path in sorted(results.rglob("*.tsv")):
        table = pd.read_csv(path, sep="\t") if path.stat().st_size else pd.DataFrame()
        numbers = table.select_dtypes("number")
        bad = {column: numbers[column].abs() > LARGEST for column in numbers}  # infinity among them
        if "ratio" in table:
            ends = {"ratio", "ratio_low", "ratio_high", "ci_low", "ci_high"} & set(numbers)
            outside = {column: (table[column].abs() > 1e6) | (table[column].abs() < 1e-6) for column in sorted(ends)}
            bad |= {column: where & (table[column] != 0) for column, where in outside.items()}
        if "icc" in table:
            bad["icc, ci"] = (table["ci_low"] < -0.99) & (table["ci_high"] > 0.99)
        for column, where in bad.items():
            found += [f"{path.name}, {column}, row {row + 1}" for row in np.flatnonzero(where)]
    return found
