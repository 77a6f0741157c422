"""Accidents: kills, a full or read-only disk, a damaged result, a clock that jumps, two runs in one folder.

The campaign of 100 kills is `make test-accidents`; two of them are run here.
"""

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from small_study import SmallStudy

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("own_processes")  # as a user's runs
TARGET = "results/small/4_inflammation/a1.nii.gz"
BEFORE = "results/small/1_normal_bone/a1.tsv"

WRITER = """
import errno, os, resource, signal, sys
sys.path.insert(0, sys.argv[1])
from vhi.io.errors import tell_errors
from vhi.io.files import replacing
tell_errors(sys.argv[2] + "/log")
case, out = sys.argv[3], sys.argv[2] + "/result.bin"
if case == "limit":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
    with replacing(out) as beside, open(beside, "wb") as file:
        file.write(bytes(20000))
elif case == "checkpoint":
    import torch
    from vhi.region.training import write_checkpoint
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
    write_checkpoint(out, {"weights": torch.zeros(100_000)})
elif case == "weights":
    from vhi.region.members import write_member
    from vhi.region.unet import UNet
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
    write_member(out, UNet(levels=2, filters=4))
"""


@pytest.mark.parametrize("case", ["limit", "checkpoint", "weights"])
def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(tmp_path, case):
    (tmp_path / "result.bin").write_bytes(b"old")
    command = [sys.executable, "-c", WRITER, ROOT / "workflow_scripts", tmp_path, case]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode
    assert "files may not grow that large here; raise the limit (ulimit -f), and run again" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "log").read_text() == done.stderr
    assert (tmp_path / "result.bin").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "result.bin"]


@pytest.fixture
def disk(tmp_path):
    """A disk of 64 KiB under the results; gives a function that mounts it anew with other options."""
    folder = tmp_path / "results"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a disk can be mounted by root only")
    yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_and_a_read_only_one_are_told_and_nothing_is_lost(small_study, snakemake, tmp_path, disk):
    snakemake(tmp_path, BEFORE, study=small_study.folder, check=True)
    before = (tmp_path / BEFORE).read_bytes()
    filler = tmp_path / "results" / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    assert filler.stat().st_size > 30_000
    done = snakemake(tmp_path, TARGET, study=small_study.folder)
    said = done.stdout + done.stderr
    assert done.returncode
    errors = [line for line in said.splitlines() if "error" in line.lower() or "full" in line]
    assert re.search(r"the disk (of /.* )?is full; free some space", errors[0]), said
    assert f"the disk of {tmp_path}/results" in said
    assert "Traceback" not in said
    filler.unlink()
    disk("ro")
    done = snakemake(tmp_path, TARGET, study=small_study.folder)
    said = done.stdout + done.stderr
    assert done.returncode
    assert "read-only" in said.lower()
    assert (tmp_path / BEFORE).read_bytes() == before
    disk("rw")
    snakemake(tmp_path, TARGET, study=small_study.folder, check=True)
    assert (tmp_path / TARGET).stat().st_size > 0


@pytest.fixture(scope="module")
def made(tmp_path_factory, snakemake):
    """A small study up to step (iv) of one scan."""
    folder = tmp_path_factory.mktemp("made")
    study = SmallStudy(folder / "small")
    snakemake(folder, TARGET, study=study.folder, check=True)
    return study


def test_a_clock_that_jumps_is_told_and_changes_no_byte(made, snakemake):
    folder, shift = made.folder.parent, 10 * 86400
    result, inputs = folder / TARGET, [path for path in made.data.iterdir() if path.is_file()]
    before = result.read_bytes()

    def move(seconds):
        for path in inputs:
            os.utime(path, (path.stat().st_mtime + seconds,) * 2)

    move(shift)  # inputs from tomorrow: their checksums say that they are the same
    done = snakemake(folder, TARGET, study=made.folder, check=True)
    assert "Nothing to be done" in done.stdout + done.stderr
    result.unlink()  # but what is made of them seems older than they are
    done = snakemake(folder, TARGET, study=made.folder)
    assert done.returncode
    assert "This could indicate a clock skew problem" in done.stdout + done.stderr
    move(-shift)
    snakemake(folder, TARGET, study=made.folder, check=True)
    assert result.read_bytes() == before


def test_a_truncated_result_is_told_and_can_be_made_again(made, snakemake):
    folder = made.folder.parent
    path = folder / "results" / "small" / "3b_disease_region" / "a1.nii.gz"
    whole, result = path.read_bytes(), (folder / TARGET).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    done = snakemake(folder, TARGET, study=made.folder)
    assert done.returncode
    said = done.stdout + done.stderr
    assert "3b_disease_region/a1.nii.gz: cannot be read as NIfTI" in said
    assert "Traceback" not in said
    snakemake(folder, TARGET, "--forcerun", "choose_disease_region", study=made.folder, check=True)
    assert path.read_bytes() == whole
    assert (folder / TARGET).read_bytes() == result


def test_a_result_that_is_removed_while_a_run_goes_on_is_told_in_words(made, snakemake):
    folder = made.folder.parent
    result = folder / "results" / "small" / "3b_disease_region" / "a1.nii.gz"
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", folder, "-c1", TARGET]
    command += ["-R", "normal_marrow_intensities", "--latency-wait", "1", "--config", f"study={made.folder}"]
    told = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
        "env": os.environ | {"VHI_VERBOSE": "1"},
    }
    run = subprocess.Popen([*map(str, command)], **told)
    said = ""
    for line in run.stdout:
        said += line
        if "Normal marrow of a1" in line:  # two jobs before the one that reads it
            result.unlink()
    assert run.wait()
    assert (
        "ERROR: expected results/small/3b_disease_region/a1.nii.gz, found nothing there: removed, moved or renamed"
        in said
    ), said
    assert "latency" not in said
    assert "Traceback" not in said
    snakemake(folder, TARGET, study=made.folder, check=True)


def test_two_runs_in_one_folder(small_study, snakemake, tmp_path):
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", tmp_path, "-c1", TARGET]
    command = [*map(str, command), "--config", f"study={small_study.folder}"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    locks = tmp_path / ".snakemake" / "locks"
    while not (locks.is_dir() and any(locks.iterdir())) and first.poll() is None:
        time.sleep(0.02)
    second = snakemake(tmp_path, TARGET, study=small_study.folder)
    assert second.returncode
    assert "cannot be locked" in second.stdout + second.stderr
    assert first.wait() == 0
    assert (tmp_path / TARGET).stat().st_size > 0


@pytest.mark.slow
def test_kills_at_random_moments_change_no_byte(tmp_path):
    targets = "results/small/3b_disease_region/ensemble/a1.nii.gz results/small/5_small_regions/a1.nii.gz"
    command = [sys.executable, ROOT / "benchmarks" / "accidents.py", tmp_path / "kills", "--targets", targets]
    command += ["--kills", 2, "--minutes", 10]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.match(r"2 kills .* each with the bytes of the undisturbed one", done.stdout), done.stdout
