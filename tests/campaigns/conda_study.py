"""Build each environment of envs/ from a local channel and run a small study in them, from a Snakemake without science.

    .venv/bin/python tests/campaigns/conda_study.py FOLDER          (or make test-conda)

The channel is made of what is installed in the project's virtual environment, so that nothing of it is downloaded. It shows
that the environments' versions exist together and that each rule's environment has what its script imports; it does not
show what conda-forge can solve.
"""

import os
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow_scripts"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from small_study import SmallStudy

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "conda"


def make_venv(folder: Path, *arguments: str) -> Path:
    """A virtual environment with what pip is told to install; its Python."""
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments], check=True)
        (folder / "done").touch()
    return python


def make_conda(base: Path, python: Path):
    """The command `conda` and the script `activate`, in a bin folder as Snakemake looks for them."""
    (base / "bin").mkdir(parents=True)
    conda = base / "bin" / "conda"
    conda.write_text(f'#!/bin/sh\nexec {python} {HERE / "conda.py"} "$@"\n')
    conda.chmod(0o755)
    lines = ['export CONDA_PREFIX="$1"', 'export PATH="$1/bin:$PATH"', "unset PYTHONPATH PYTHONHOME VIRTUAL_ENV"]
    (base / "bin" / "activate").write_text("\n".join(lines) + "\n")


def main():
    base = Path(sys.argv[1]).resolve()
    base.mkdir(parents=True, exist_ok=True)
    environments = sorted((ROOT / "envs").glob("*.yaml"))
    tool = make_venv(base / "tool", "-r", str(HERE / "requirements.txt"))
    python = make_venv(base / "snakemake", "snakemake", "-c", str(ROOT / "requirements.txt"))
    for package in ("numpy", "pandas", "nibabel", "torch"):
        found = subprocess.run([python, "-c", f"import {package}"], stderr=subprocess.DEVNULL).returncode == 0
        assert not found, f"{package} can be imported beside Snakemake, so that an environment may lack it unseen"

    run = base / time.strftime("run-%Y%m%d-%H%M%S")
    channel = run / "channel"
    site = sysconfig.get_path("purelib")
    subprocess.run([tool, HERE / "channel.py", channel, site, *environments], check=True)
    make_conda(run / "conda", tool)
    study = SmallStudy(run / "small", ensemble=True)

    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    clean |= {"PATH": f"{run / 'conda' / 'bin'}:{clean['PATH']}", "VHI_TEST_CONDA": str(run / "conda")}
    command = [python, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", run, "-c2", "--sdm", "conda", *sys.argv[2:]]
    config = ["--config", f"study={study.folder}"]
    started = time.perf_counter()
    subprocess.run(
        [*command, "--conda-create-envs-only", *config], env=clean | {"VHI_TEST_CHANNEL": str(channel)}, check=True
    )
    built = time.perf_counter()
    subprocess.run([*command, *config], env=clean | {"VHI_TEST_CHANNEL": str(channel)}, check=True)
    seconds = time.perf_counter() - built
    made = {path.read_text() for path in (run / ".snakemake" / "conda").glob("*.yaml")}
    left = [path for path in environments if path.read_text() not in made]
    for path in left:  # of rules that the small study has no use for
        words = ["env", "create", "--file", path, "--prefix", run / "left" / path.stem]
        subprocess.run(
            [run / "conda" / "bin" / "conda", *words], env=clean | {"VHI_TEST_CHANNEL": str(channel)}, check=True
        )
    print(
        f"{len(made)} environments built in {built - started:.0f} s and the study run in them in {seconds:.0f} s; "
        f"built and not used by it: {', '.join(path.stem for path in left) or 'none'}"
    )


if __name__ == "__main__":
    main()
