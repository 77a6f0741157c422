"""Checksums of what was made: any later change is found, and a killed run goes on."""

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from commands import clear_orphans, verify
from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.io.manifest import COLUMNS, Made, Manifest, differences, read_manifest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("own_processes")  # as a user's runs


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A folder of results with two outputs, their records, and a function that writes the manifest."""
    results, source = tmp_path / "results" / "s", tmp_path / "data" / "scan.nii"
    for name, content in (("1/a.tsv", "a"), ("1/b.tsv", "b"), ("logs/x.log", "log"), ("1/.writing-q.tsv", "half")):
        path = results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    source.parent.mkdir()
    source.write_text("scan")
    records = {
        "1/a.tsv": Made("one", "1 2", (str(source),)),
        "1/b.tsv": Made("two", "2 3", (str(results / "1/a.tsv"),)),
    }

    monkeypatch.chdir(tmp_path)
    manifest = Manifest(tmp_path / "root", tmp_path / "study", tmp_path / "data", "s")

    def write():
        manifest.write(lambda path: records.get(path.relative_to(manifest.results).as_posix()))

    return results, records, write


@contextlib.contextmanager
def flipped(path, chance):
    """Flip one bit of a file, and set it right again."""
    whole = path.read_bytes()
    content = bytearray(whole)
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    yield
    path.write_bytes(whole)


def problems(results):
    folders = {"output": results, "input": results.parents[1] / "data"}
    found = differences(read_manifest(results), folders)
    return {(kind, Path(path).name) for kind, path, _ in found}


def test_what_is_changed_missing_or_unknown_is_found(made):
    results, _, write = made
    write()
    assert [(row["role"], row["path"], row["rule"]) for row in read_manifest(results)] == [
        ("output", "1/a.tsv", "one"), ("output", "1/b.tsv", "two"), ("input", "scan.nii", ""),
    ]  # fmt: skip
    (results / "1" / ".writing-q.tsv").unlink()
    assert problems(results) == set()
    (results / "1" / "a.tsv").write_text("x")  # the same length
    (results / "1" / "b.tsv").unlink()
    (results / "1" / "c.tsv").write_text("by hand")
    (results.parents[1] / "data" / "scan.nii").write_text("another")
    assert problems(results) == {
        ("changed", "a.tsv"), ("missing", "b.tsv"), ("unknown", "c.tsv"), ("changed", "scan.nii"),
    }  # fmt: skip


def test_one_flipped_bit_of_any_file_is_found(made):
    results, _, write = made
    (results / "1" / ".writing-q.tsv").unlink()
    chance, files = (
        random.Random(14),
        [results / "1" / "a.tsv", results / "1" / "b.tsv", results.parents[1] / "data" / "scan.nii"],
    )
    for path in files:
        path.write_bytes(chance.randbytes(200))
    write()
    assert problems(results) == set()
    for _ in range(48):
        path = chance.choice(files)
        with flipped(path, chance):
            assert problems(results) == {("changed", path.name)}
    assert problems(results) == set()


def test_one_flipped_bit_of_the_manifest_is_told_or_found(made):
    results, _, write = made
    (results / "1" / ".writing-q.tsv").unlink()
    write()
    whole, chance = read_manifest(results), random.Random(15)
    for _ in range(48):
        with flipped(results / "manifest.tsv", chance):
            try:
                rows = read_manifest(results)
            except InputError:
                continue
            same = [{**row, "rule": ""} for row in rows] == [{**row, "rule": ""} for row in whole]
            assert same or problems(results)  # the name of the rule is not a statement about a file


def test_a_change_by_hand_does_not_become_the_checksum(made):
    results, records, write = made
    write()
    (results / "1" / ".writing-q.tsv").unlink()
    (results / "1" / "a.tsv").write_text("x")
    write()  # another run ends, which did not make a.tsv
    assert problems(results) == {("changed", "a.tsv")}
    records["1/a.tsv"] = Made("one", "9 9", ())  # made again
    write()
    assert problems(results) == set()


def test_two_manifests_of_the_same_files_are_the_same_bytes(made, tmp_path):
    results, _, write = made
    write()
    one = (results / "manifest.tsv").read_bytes()
    (tmp_path / ".snakemake" / "manifest-s.json").unlink()
    (results / "manifest.tsv").unlink()
    write()
    assert (results / "manifest.tsv").read_bytes() == one


@pytest.mark.parametrize("content", [b"path\tsha\n", b"\xff\xfe", b"role\tpath\tsha256\tbytes\trule\noutput\ta\n"])
def test_a_damaged_manifest_is_told(tmp_path, content):
    (tmp_path / "manifest.tsv").write_bytes(content)
    with pytest.raises(InputError, match=r"manifest.tsv: expected a table"):
        read_manifest(tmp_path)


def run_verify(folder, study):
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        try:
            verify.main(["--study", str(study)])
        except SystemExit as end:
            return out.getvalue(), str(end.code)
    return out.getvalue(), ""


def test_verify_of_a_run(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    study.scans, study.readings = study.scans[:1], []
    study.write()
    told, end = run_verify(tmp_path, study.folder)
    assert "expected the manifest of a finished run" in end
    snakemake(tmp_path, "results/small/5_small_regions/a1.nii.gz", study=study.folder, check=True)
    results = tmp_path / "results" / "small"
    manifest = (results / "manifest.tsv").read_text()
    assert str(tmp_path) not in manifest
    assert "output\t5_small_regions/a1.nii.gz" in manifest
    assert "code\tworkflow_scripts/vhi/marrow/limits.py" in manifest
    told, end = run_verify(tmp_path, study.folder)
    assert {line.split("\t")[0] for line in told.splitlines()} == {"missing"}, told  # the rest is not yet made
    # By hand: a result with its time kept, a mask, a limit.
    limits = results / "2_threshold" / "a1.json"
    before = limits.stat()
    limits.write_text(limits.read_text().replace("1", "2", 1))
    os.utime(limits, ns=(before.st_atime_ns, before.st_mtime_ns))
    study.config["small_regions"] = {"minimum_pixels": 5}
    study.write()
    told, end = run_verify(tmp_path, study.folder)
    assert f"changed\t{results.relative_to(tmp_path)}/2_threshold/a1.json\tsince it was made by limits" in told
    assert "stale\tresults/small/5_small_regions/a1.nii.gz\tdrop_small_regions: params changed" in told
    assert "problems" in end


JOB = """
import subprocess, sys, time
if len(sys.argv) > 1:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
time.sleep(60)
"""


def start(folder, script, *arguments):
    return subprocess.Popen([sys.executable, str(script), *arguments], cwd=folder, start_new_session=True)


def wait_for(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_orphans_end_with_their_children_and_others_stay(tmp_path):
    script = tmp_path / ".snakemake" / "scripts" / "tmp1.py"
    script.parent.mkdir(parents=True)
    script.write_text(JOB)
    half = tmp_path / "results" / "small" / "1" / ".writing-abc.tsv"
    half.parent.mkdir(parents=True)
    half.write_text("half")
    (tmp_path / "elsewhere").mkdir()
    orphan, other = start(tmp_path, script, "child"), start(tmp_path / "elsewhere", script)
    try:
        wait_for(lambda: psutil.Process(orphan.pid).children())
        child = psutil.Process(orphan.pid).children()[0]
        assert clear_orphans.clear(tmp_path, tmp_path / "results" / "small") == (2, 1)
        assert orphan.poll() is not None
        wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
        assert other.poll() is None
        assert not half.exists()
    finally:
        for process in (orphan, other):
            process.kill()
            process.wait()


def test_a_run_that_goes_on_is_never_touched(tmp_path):
    script = tmp_path / ".snakemake" / "scripts" / "tmp1.py"
    script.parent.mkdir(parents=True)
    script.write_text(JOB)
    (tmp_path / "snakemake").write_text(f"import subprocess, sys\nsubprocess.run([sys.executable, {str(script)!r}])\n")
    run = start(tmp_path, tmp_path / "snakemake")
    try:
        wait_for(lambda: psutil.Process(run.pid).children())
        with pytest.raises(InputError, match=f"a run goes on here .process {run.pid}."):
            clear_orphans.clear(tmp_path, tmp_path / "results")
        assert run.poll() is None
        job = psutil.Process(run.pid).children()[0]
        run.kill()
        run.wait()
        assert clear_orphans.clear(tmp_path, tmp_path / "results") == (1, 0)
        assert not job.is_running() or job.status() == psutil.STATUS_ZOMBIE
    finally:
        run.kill()


@pytest.mark.slow
def test_a_killed_run_is_resumed_to_the_same_bytes(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    study.readings = [row for row in study.readings if row[3] == "semiautomatic" and row[4]]
    study.scans = study.scans[:1]
    study.write()
    target = "results/small/2_threshold/a1.json"
    (tmp_path / "calm").mkdir()
    snakemake(tmp_path / "calm", target, study=study.folder, check=True)
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-c1", target]
    run = subprocess.Popen([*command, "--config", f"study={study.folder}"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    scripts = tmp_path / ".snakemake" / "scripts"
    wait_for(lambda: scripts.is_dir() and list(scripts.iterdir()))
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert (tmp_path / ".snakemake" / "locks").is_dir()
    clear_orphans.clear(tmp_path, tmp_path / "results" / "small")
    snakemake(tmp_path, "--unlock", study=study.folder, check=True)
    snakemake(tmp_path, target, study=study.folder, check=True)
    for path in (tmp_path / "calm" / "results" / "small").rglob("*"):
        if path.is_file() and "logs" not in path.parts:
            again = tmp_path / path.relative_to(tmp_path / "calm")
            assert again.read_bytes() == path.read_bytes(), path
    assert json.loads((tmp_path / ".snakemake" / "manifest-small.json").read_text())


def test_a_run_killed_at_its_very_end_gets_its_manifest_where_nothing_is_left_to_do(tmp_path, snakemake):
    study, target = SmallStudy(tmp_path / "small"), "results/small/2_threshold/a1.json"
    snakemake(tmp_path, target, study=study.folder, check=True)
    manifest, still_open = (
        tmp_path / "results" / "small" / "manifest.tsv",
        tmp_path / ".snakemake" / "manifest-small.open",
    )
    before = manifest.read_bytes()
    assert not still_open.exists()
    manifest.write_text("\t".join(COLUMNS) + "\n")  # as it stood before the run
    (tmp_path / ".snakemake" / "manifest-small.json").unlink()
    still_open.touch()
    snakemake(tmp_path, target, "--dry-run", study=study.folder, check=True)
    assert still_open.exists()
    done = snakemake(tmp_path, target, study=study.folder, check=True)
    assert "Nothing to be done" in done.stdout + done.stderr
    assert manifest.read_bytes() == before
    assert not still_open.exists()


def test_files_of_a_folder_that_a_rule_made_are_known(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    snakemake(tmp_path, "packs", study=study.folder, reader="R1", check=True)
    rows = read_manifest(tmp_path / "results" / "small")
    rules = {row["path"]: row["rule"] for row in rows if row["role"] == "output"}
    assert rules["6b_reading_room/packs/R1/reading_list.tsv"] == "reading_packs"
    assert rules["6b_reading_room/key/R1.tsv"] == "reading_packs"
    told, _ = run_verify(tmp_path, study.folder)
    assert "unknown" not in told
