"""Set what a study expects beside what is there, for the top of its report (make report)."""

import argparse
import subprocess
import sys
from pathlib import Path

from vhi.io.errors import InputError
from vhi.io.files import replacing
from vhi.report.inventory import expected_of_study, inventory_text, results_of, top_of_report, with_checksums
from vhi.study.load import load_study

ROOT = Path(__file__).resolve().parents[2]


def summary(config: list[str]) -> str:
    """What Snakemake says of every output that the study's tables allow."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--summary", "--config", *config]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise InputError(next((line for line in lines if "rror" in line), lines[-1]).removeprefix("ERROR: "))
    return done.stdout


def inventory(options: argparse.Namespace) -> None:
    """Write results/<study>/inventory.tsv, and print what is not there."""
    study = load_study(ROOT, options.study, options.variant, options.data)
    chosen = {"study": options.study, "variant": options.variant, "data": options.data}
    made = results_of(summary([f"{key}={value}" for key, value in chosen.items() if value]))
    rows = expected_of_study(study) + [row | {"kind": "result"} for row in made]
    rows = with_checksums(rows)
    path = Path("results") / study.label / "inventory.tsv"
    with replacing(path) as beside:
        beside.write_text(inventory_text(rows), encoding="utf-8")
    top = top_of_report(rows, study.config["simulated"])
    print(f"{top['there']} of {top['expected']} expected files, readings and results are there; {path} lists them")
    for line in top["lines"]:
        print("  " + line.replace("**", ""))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="make report", description=__doc__)
    parser.add_argument("--study", required=True)
    parser.add_argument("--variant", default="")
    parser.add_argument("--data", default="")
    try:
        inventory(parser.parse_args())
    except InputError as error:
        sys.exit(f"ERROR: {error}")


if __name__ == "__main__":
    main()
