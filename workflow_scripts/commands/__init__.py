"""Commands of the Makefile: what is done around a run, not within it (`python -m commands.NAME`)."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from vhi.io.errors import InputError
from vhi.io.manifest import NAME, folders_of, read_manifest
from vhi.study.load import Study, load_study

ROOT = Path(__file__).resolve().parents[2]


def parser_of(make: str, about: str) -> argparse.ArgumentParser:
    """Make a parser that takes a study, its variant and its data folder; `make` is the target that calls the command."""
    parser = argparse.ArgumentParser(prog=f"make {make}", description=about)
    parser.add_argument("--study", required=True)
    for name in ("--variant", "--data"):
        parser.add_argument(name, default="")
    return parser


def call(command: Callable, parser: argparse.ArgumentParser, given: list[str] | None) -> object:
    """Read the command line and call a command with its options; an `InputError` ends with its message alone."""
    try:
        return command(parser.parse_args(given))
    except InputError as error:
        sys.exit(f"ERROR: {error}")


def study_of(options: argparse.Namespace) -> tuple[Study, Path]:
    """Load the study of a command line; gives it and the folder of its results."""
    study = load_study(ROOT, options.study, options.variant, options.data)
    return study, Path("results") / study.label


def finished(study: Study, results: Path) -> tuple[list[dict[str, str]], dict[str, Path]]:
    """Read the manifest of a finished run; gives its rows, and the folder of each role."""
    rows = read_manifest(results)
    if not rows:
        called = study.name if Path(study.folder).parent == ROOT / "config" else study.folder
        raise InputError(
            f"{results / NAME}: expected the manifest of a finished run, found none; make run STUDY={called}"
        )
    return rows, folders_of(ROOT, study.folder, study.config["data"], results)


def summary(options: argparse.Namespace) -> str:
    """What Snakemake says of every output that the study's tables allow."""
    config = [f"{key}={getattr(options, key)}" for key in ("study", "variant", "data") if getattr(options, key)]
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--summary", "--config", *config]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise InputError(next((line for line in lines if "rror" in line), lines[-1]).removeprefix("ERROR: "))
    return done.stdout
