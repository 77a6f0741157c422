"""A copy of the checkout on a path with spaces, and its make."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = (
    "Makefile", "Snakefile", "CITATION.cff", "rules", "workflow_scripts", "config", "profiles", "envs", "notebooks",
    "requirements.txt",
)  # fmt: skip


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

    def make(*arguments):
        command = ["make", *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)
        done.told = done.stdout + done.stderr
        return done

    make.folder = folder
    return make
