"""The ways in which others load the workflow: each makes the bytes of a run in place.

    .venv/bin/python tests/campaigns/deploy.py FOLDER [small]          (or make test-deploy)

The ways: as a module of a workflow in another folder; deployed by snakedeploy from a local clone (snakedeploy is installed into a
virtual environment of its own); with --directory; from a checkout on a path with spaces; from a checkout that cannot be written.
The study is the demo, or a small one. `tests/test_deploy.py` plans each way, `tests/test_loading.py` runs the small
study as a module.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow_scripts"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from small_study import SmallStudy

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "rules", "workflow_scripts", "config", "profiles", "envs", "notebooks", "CITATION.cff", "LICENSE")
TELLS_TIME = ("progress.tsv", "test_log.tsv")  # results that hold seconds or dates
SNAKEDEPLOY = "snakedeploy==0.17.1"
MODULE = """
configfile: "config/config.yaml"


module vhi:
    snakefile:
        {snakefile!r}
    config:
        config


use rule * from vhi
"""


@dataclass
class Way:
    """Where Snakemake starts, what it is told, and where the results come to lie."""

    start: Path
    words: list[object]
    folder: Path
    before: list[object] = field(default_factory=list)  # of the command

    def run(self, study: object, *arguments: object) -> subprocess.CompletedProcess:
        """Run Snakemake; a way that has no config file of its own names the study on the command line."""
        words = [*self.before, sys.executable, "-m", "snakemake", *self.words, *arguments]
        if not (self.folder / "config" / "config.yaml").exists():
            words += ["--config", f"study={study}"]
        return subprocess.run(list(map(str, words)), cwd=self.start, capture_output=True, text=True)

    def results(self, study: object) -> dict[str, str]:
        """Checksum of every output but those that hold a time."""
        with (self.folder / "results" / Path(str(study)).name / "manifest.tsv").open() as file:
            rows = [row for row in csv.DictReader(file, delimiter="\t") if row["role"] == "output"]
        return {row["path"]: row["sha256"] for row in rows if not row["path"].endswith(TELLS_TIME)}


def checkout(folder: Path) -> Path:
    """Copy what a clone holds."""
    folder.mkdir(parents=True)
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        options = {"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}
        copy(ROOT / name, folder / name, **options)
    return folder


def configured(folder: Path, study: object, snakefile: Path) -> Path:
    """Write what snakedeploy writes: a workflow that loads this one, and its config."""
    for name, text in (
        ("workflow/Snakefile", MODULE.format(snakefile=str(snakefile))),
        ("config/config.yaml", f"study: {study}\n"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def in_place(folder: Path, study: object) -> Way:
    """The Snakefile of this checkout, from the folder of the results."""
    folder.mkdir(parents=True)
    return Way(folder, ["-s", ROOT / "Snakefile"], folder)


def as_module(folder: Path, study: object) -> Way:
    """Loaded by a Snakefile in another folder."""
    return Way(configured(folder, study, ROOT / "Snakefile"), [], folder)


def by_snakedeploy(folder: Path, study: object) -> Way:
    """Deployed from a local clone.

    Of a local clone, snakedeploy 0.17 writes `snakefile: "Snakefile"`, which would be the new Snakefile itself; of a remote one, it
    writes where that is. The path of the clone is set here.
    """
    tool = folder.parent / "snakedeploy"
    if not (tool / "bin" / "snakedeploy").exists():
        venv.create(tool, with_pip=True)
        pip = [tool / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", SNAKEDEPLOY]
        subprocess.run(pip, check=True)
    clone = checkout(folder.parent / "clone")
    words = [tool / "bin" / "snakedeploy", "deploy-workflow", clone, folder, "--branch", "main", "--name", "vhi"]
    subprocess.run(words, check=True, capture_output=True)
    written = folder / "workflow" / "Snakefile"
    assert '"Snakefile"' in written.read_text()
    written.write_text(written.read_text().replace('"Snakefile"', f'"{clone / "Snakefile"}"'))
    (folder / "config" / "config.yaml").write_text(f"study: {study}\n")
    return Way(folder, [], folder)


def by_directory(folder: Path, study: object) -> Way:
    """Started elsewhere, with the folder of the results named."""
    folder.mkdir(parents=True)
    return Way(ROOT, ["--directory", folder], folder)


def on_a_path_with_spaces(folder: Path, study: object) -> Way:
    """A checkout, and a folder of results, whose paths have spaces."""
    copy, spaced = checkout(folder / "my check out"), folder / "my results"
    spaced.mkdir()
    return Way(spaced, ["-s", copy / "Snakefile"], spaced)


def from_a_read_only_checkout(folder: Path, study: object) -> Way:
    """A checkout that cannot be written; for root, who always can, it is mounted so, for this run alone."""
    copy, own = checkout(folder / "checkout"), folder / "own"
    own.mkdir()
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    words = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ! touch "$0/written" && exec "$@"'
    before = ["unshare", "--mount", "sh", "-c", words, copy] if os.geteuid() == 0 else []
    return Way(own, ["-s", copy / "Snakefile"], own, before)


WAYS: tuple[Callable[[Path, object], Way], ...] = (
    as_module,
    by_snakedeploy,
    by_directory,
    on_a_path_with_spaces,
    from_a_read_only_checkout,
)


def main():
    """Run every way, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="must not exist, so that nothing is left over from another time")
    parser.add_argument("study", nargs="?", choices=("small", "demo"), default="demo")
    given = parser.parse_args()
    base = given.folder.resolve()
    base.mkdir(parents=True)
    study = SmallStudy(base / "small").folder if given.study == "small" else "demo"
    expected, wrong = {}, []
    for make in (in_place, *WAYS):
        way, started = make(base / make.__name__, study), time.perf_counter()
        done = way.run(study, "-c2")
        if done.returncode:
            wrong.append(f"{make.__name__}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
            continue
        found = way.results(study)
        expected = expected or found
        different = sorted(path for path in expected.keys() | found.keys() if expected.get(path) != found.get(path))
        wrong += [f"{make.__name__}: {len(different)} results differ: {different[:10]}"] if different else []
        print(f"{make.__name__}: {len(found)} results in {time.perf_counter() - started:.0f} s", flush=True)
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
