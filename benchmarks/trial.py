"""How long a study without images takes, from its tables to the report.

    python benchmarks/trial.py FOLDER [--subjects 1000] [--visits 2] [--cores 2]

Makes a study of simulated subjects, each read by two readers at each visit, in FOLDER, and prints the minutes of the run and of the
report.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.tables import write_table
from vhi.simulation.trial import SESSIONS, trial_tables

ROOT = Path(__file__).parents[1]
SEED = 7


def write_trial(folder: Path, subjects: int, visits: int) -> None:
    """Write config and tables of a trial."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in trial_tables(subjects, SEED, visits).items():
        write_table(folder / f"{name}.tsv", table)
    sessions = ", ".join(SESSIONS[:visits])
    text = f"title: Simulated trial\nsimulated: true\nsessions: [{sessions}]\nreaders: [R1, R2]\n"
    (folder / "config.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--subjects", type=int, default=1000)
    parser.add_argument("--visits", type=int, default=2)
    parser.add_argument("--cores", type=int, default=2)
    asked = parser.parse_args()
    study = asked.folder.resolve() / "config" / "trial"
    write_trial(study, asked.subjects, asked.visits)
    run = [
        str(Path(sys.executable).with_name("snakemake")),
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--cores",
        str(asked.cores),
    ]
    run += ["--directory", str(asked.folder), "--config", f"study={study}/"]
    for what, more in (
        ("run", []),
        ("report", ["--allowed-rules", "report_page", "--", f"results/{study.name}/report.html"]),
    ):
        start = time.perf_counter()
        if what == "report":
            (asked.folder / "results" / study.name / "inventory.tsv").write_text("kind\twhat\tstate\tnote\tsha256\n")
        subprocess.run([*run, *more], check=True, capture_output=True)
        print(f"{what}: {(time.perf_counter() - start) / 60:.1f} min", flush=True)
