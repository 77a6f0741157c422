"""Set the calibration of a simulated study beside that of the real one, as a table for docs/simulation.md.

make run STUDY=simulated
.venv/bin/snakemake -c2 results/paper/simulated_truth/calibration.tsv --config study=paper data=DIR
.venv/bin/python docs/calibration_table.py results/simulated results/paper
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

import pandas as pd

from vhi.io.tables import read_table
from vhi.simulation.calibration_summary import compare


def cell(row: pd.Series, whose: str) -> str:
    """Median and range of one measure, with the number of scans."""
    median, low, high = (row[f"{whose}_{name}"] for name in ("median", "lowest", "highest"))
    return "" if pd.isna(median) else f"{median:.3g} ({low:.3g} to {high:.3g}), n = {row[f'{whose}_n']:.0f}"


def main() -> None:
    """Print the table in Markdown."""
    simulated, real = (
        read_table(Path(folder) / "simulated_truth" / "calibration_scans.tsv") for folder in sys.argv[1:3]
    )
    table = compare(simulated.drop(columns="scan"), real.drop(columns="scan"))
    print("| measure | simulated: median (range) | real: median (range) |\n|---|---|---|")
    for _, row in table.iterrows():
        print(f"| {row['what']} | {cell(row, 'simulated')} | {cell(row, 'real')} |")


if __name__ == "__main__":
    main()
