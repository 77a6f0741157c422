"""Masks that other tools saved as NRRD or DICOM SEG: which there are, and the NIfTI file that the workflow makes of each.

This module is part of what the Snakefile stands on.
"""

from vhi.io.errors import InputError

ENDINGS = (".nrrd", ".dcm")
"""Of masks that are put on the grid of their scan first; .seg.nrrd is one of them."""
GRIDS = {"normal_marrow": ("stir",), "disease_region": ("t1w", "stir"), "disease_region_corrected": ("t1w", "stir")}
"""Scans on whose grid the mask of a column may lie."""


def take_tool_masks(tables: dict[str, list[dict]], label: str) -> dict[str, dict]:
    """Put the NIfTI file of each such mask into the rows of scans.tsv and readings.tsv, in place.

    Parameters
    ----------
    tables : dict of list of dict
        Rows of the tables, paths joined to the data folder.
    label : str
        Folder of the study under ``results/``.

    Returns
    -------
    dict of dict
        By the name of the NIfTI file: its path (``made``), the ``file`` of the tool, its ``use`` (a column of scans.tsv, or the
        method of the reading), and the scans (``grids``) of whose grid it must be a part.

    Raises
    ------
    InputError
        If a mask is a header without its voxels (.nhdr).
    """
    made: dict[str, dict] = {}

    def take(row: dict, column: str, use: str, name: str, grids: list[str | None]) -> None:
        file = row[column]
        if file and file.endswith(".nhdr"):
            raise InputError(
                f"{file}: expected a mask in one file (.nrrd), found a header whose voxels lie in another file; save it as .nrrd"
            )
        if file and file.endswith(ENDINGS):
            row[column] = f"results/{label}/0_masks/{name}.nii.gz"
            made[name] = {"made": row[column], "file": file, "use": use, "grids": [grid for grid in grids if grid]}

    scans = {row["scan"]: row for row in tables["scans"]}
    for scan, row in scans.items():
        for column, grids in GRIDS.items():
            take(row, column, column, f"{scan}_{column}", [row[grid] for grid in grids])
    for row in tables["readings"]:
        name = "_".join(str(row[column]) for column in ("scan", "reader", "trial", "method"))
        take(row, "mask", row["method"], name, [scans[row["scan"]]["stir"]])
    return made
