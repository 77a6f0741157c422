"""Read the tables that the paper's authors published beside their scans (text files with # headers)."""

from pathlib import Path

import numpy as np
import pandas as pd

from vhi.io.errors import InputError


def read_published(path: str | Path, columns: list[str]) -> pd.DataFrame:
    """Read one published table; scan ids become text.

    Parameters
    ----------
    path : str or Path
    columns : list of str
        Names of its columns, in order; ``scan``, ``slice`` and names ending in ``voxels`` are whole numbers.

    Raises
    ------
    InputError
        If the file has another number of columns or is not numeric.
    """
    try:
        values = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise InputError(
            f"{path}: expected columns of numbers, found {error}; download the public data again"
        ) from error
    if values.shape[1] != len(columns):
        raise InputError(f"{path}: expected {len(columns)} columns ({', '.join(columns)}), found {values.shape[1]}")
    frame = pd.DataFrame(values, columns=columns)
    for column in columns:
        if column in ("scan", "slice") or column.endswith("voxels"):
            frame[column] = frame[column].astype(int)
    return frame.assign(scan=frame["scan"].astype(str)) if "scan" in columns else frame
