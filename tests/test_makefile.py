"""What make does with a mistake: one line that helps, nothing written, nothing lost; and paths with spaces."""

import shutil
import subprocess
from pathlib import Path

import pytest

from small_study import SmallStudy

ROOT = Path(__file__).parents[1]
COPIED = (
    "Makefile",
    "Snakefile",
    "CITATION.cff",
    "rules",
    "workflow_scripts",
    "config",
    "profiles",
    "envs",
    "notebooks",
    "requirements.txt",
)


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout on a path with spaces; gives a function that calls its make."""
    folder = tmp_path / "my check out"
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


def made(folder):
    """Files that a run would have made."""
    return [path for path in (folder / "results").rglob("*") if path.is_file()] if (folder / "results").exists() else []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "study=demo"], "study=... is no variable of this Makefile; write STUDY=demo."),
        (["run", "STUDIE=demo"], "STUDIE=... is no variable of this Makefile. Known: "),
        (["index", "STUDY=mine"], "FROM=DIR is missing"),
        (["index", "FROM=/tmp"], "STUDY=NAME is missing"),
        (["packs", "STUDY=demo", "READER=R9"], "ERROR: unknown reader 'R9'; readers of study demo: R1, R2"),
        (["run", "STUDY=paper", "DATA=nowhere"], "ERROR: the data folder 'nowhere' of study paper does not exist"),
        (["read", "STUDY=paper", "READER=R1"], "ERROR: the data folder 'data/Bone_MRI' of study paper does not exist"),
        (["run", "STUDY=nobody"], "ERROR: no study 'nobody'"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(checkout, arguments, words):
    done = checkout(*arguments)
    assert done.returncode
    assert words in done.told
    for noise in ("Traceback", "Exception", "Wildcards", ".smk"):
        assert noise not in done.told
    assert not made(checkout.folder)


@pytest.mark.parametrize("dry", ["-n", "--dry-run", "-c1 -n", "-np"])
def test_a_dry_run_writes_nothing(checkout, dry):
    done = checkout("run", "STUDY=demo", f"ARGS={dry}")
    assert done.returncode == 0, done.told
    assert "Dry run: nothing was written" in done.told
    assert not made(checkout.folder)


@pytest.mark.slow
def test_every_target_works_on_a_path_with_spaces(checkout):
    study = SmallStudy(checkout.folder / "my studies" / "small study")
    named = f"STUDY={study.folder.relative_to(checkout.folder)}/"
    results = checkout.folder / "results" / "small study"
    done = checkout("run", named, "CORES=2")
    assert done.returncode == 0, done.told
    assert (results / "report.html").is_file()
    assert (results / "7_1_overlap" / "figure_4.png").is_file()
    for target in ("verify", "export", "crate", "packs"):
        done = checkout(target, named, "CORES=2")
        assert done.returncode == 0, (target, done.told)
    for target in ("preliminary", "pages", "summaries", "report", "resume", "review", "notebooks"):
        done = checkout(target, named, "CORES=2", "ARGS=-n")
        assert done.returncode == 0, (target, done.told)
    assert sorted(path.name for path in (checkout.folder / "results").iterdir()) == ["small study"]
