"""A copy of the checkout on a path with spaces, and its make."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = (
    "Makefile", "Snakefile", "CITATION.cff", "rules", "workflow_scripts", "config", "profiles", "envs", "notebooks",
    "requirements.txt",
)  # fmt: skip
HANDED_DOWN = {"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "ARGS"}


def copied_checkout(parent: Path):
    """Copy the checkout into a folder; gives a function that calls its make, with `folder`."""
    folder = parent / "my check out"
    folder.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / part).symlink_to(ROOT / ".venv" / part)
    (folder / ".venv" / ".set-up").touch()

    # `make test ARGS=…` hands its own variables down to every make below it: pytest's are not Snakemake's.
    environment = {name: value for name, value in os.environ.items() if name not in HANDED_DOWN}

    def make(*arguments):
        command = ["make", *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
        done.told = done.stdout + done.stderr
        return done

    make.folder = folder
    return make
