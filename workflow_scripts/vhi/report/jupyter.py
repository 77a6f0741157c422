"""Where Snakemake finds Jupyter. Needs only what Snakemake itself brings."""

import os
import sys
from pathlib import Path


def put_on_path() -> None:
    """Put the programs beside this Python first on PATH: Snakemake calls jupyter by name, and an environment may not be active."""
    here, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if path.split(os.pathsep)[0] != here:
        os.environ["PATH"] = here + os.pathsep + path
