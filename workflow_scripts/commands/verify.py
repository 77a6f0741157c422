"""Find every output or input that is changed, missing, stale or unknown since it was made or used (make verify)."""

import argparse
import subprocess
import sys
from pathlib import Path

from vhi.io.errors import InputError
from vhi.io.manifest import NAME, differences, folders_of, outputs_under, read_manifest
from vhi.study.load import load_study

ROOT = Path(__file__).resolve().parents[2]


def stale(config: list[str]) -> list[tuple[str, str, str]]:
    """Outputs that Snakemake would make again, with its reason."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--summary", "--config", *config]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise InputError(next((line for line in lines if "rror" in line), lines[-1]).removeprefix("ERROR: "))
    found = []
    for line in done.stdout.splitlines():
        cells = line.split("\t")
        if len(cells) == 6 and cells[0] != "output_file" and cells[5] != "no update":
            path, _, rule, _, status, _ = cells
            kind = "missing" if status == "missing" else "stale"
            found.append((kind, path, f"{rule}: {'what it is made from is newer' if status == 'ok' else status}"))
    return found


def verify(options: argparse.Namespace) -> tuple[list[tuple[str, str, str]], int]:
    """Compare manifest, files and what Snakemake would do; gives the problems and the number of files looked at."""
    study = load_study(ROOT, options.study, options.variant, options.data)
    results = Path("results") / study.label
    rows = read_manifest(results)
    if not rows:
        raise InputError(
            f"{results / NAME}: expected the manifest of a finished run, found none; make run STUDY={options.study}"
        )
    folders = folders_of(ROOT, study.folder, study.config["data"], results)
    present = [path.relative_to(results).as_posix() for path in outputs_under(results)]
    problems = differences(rows, lambda role, name: folders[role] / name, present)
    known = {path for _, path, _ in problems}
    config = [f"study={options.study}", f"variant={options.variant}", f"data={options.data}"]
    problems += [problem for problem in stale(config) if problem[1] not in known]
    return problems, len(rows)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, verify, print what was found; ends with 1 where there is anything."""
    parser = argparse.ArgumentParser(prog="make verify", description=__doc__)
    parser.add_argument("--study", required=True)
    parser.add_argument("--variant", default="")
    parser.add_argument("--data", default="")
    try:
        problems, number = verify(parser.parse_args(arguments))
    except InputError as error:
        sys.exit(f"ERROR: {error}")
    for kind, path, what in problems:
        print(f"{kind}\t{path}\t{what}")
    if problems:
        sys.exit(
            f"{len(problems)} problems; make run makes again what is missing or stale, remove a changed output to have it made again"
        )
    print(f"{number} files are as they were made or used; nothing is stale")


if __name__ == "__main__":
    main()
