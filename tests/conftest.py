"""Fixtures: a small study made in the test, and the study's public scans where they are present."""

import http.server
import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archive import FILES, archive
from checkouts import copied_checkout
from page_driver import chromium
from small_study import SmallStudy
from vhi.io.warm import LIBRARIES, NETWORKS, Warm

ROOT = Path(__file__).parents[1]
OF_A_FILE = {
    "demo",
    "exported",
    "finished",
    "made",
    "mistaken",
    "packed",
    "refused",
    "room",
    "trial",
}  # runs for one file


@pytest.fixture
def small_study(tmp_path):
    """A study of three scans of 48 x 48 x 6 voxels, complete and correct, to be run as it is or damaged first."""
    return SmallStudy(tmp_path / "small")


@pytest.fixture(scope="session")
def public_data():
    """Folder of the study's public scans: VHI_DATA, or shared/bone_mri beside the checkout."""
    folder = Path(os.environ.get("VHI_DATA", ROOT.parent / "shared" / "bone_mri"))
    if not (folder / "data" / "images_study").is_dir():
        pytest.skip(f"the public scans are not in {folder}; set VHI_DATA to a copy")
    return folder


@pytest.fixture(scope="session")
def shared_processes():
    """Let all runs of the session fork their jobs from the same two processes: most runs are too short for their own."""
    started = [Warm(libraries, first=0) for libraries in (LIBRARIES, NETWORKS)]
    for warm in started:
        warm.python()
    os.environ["VHI_WARM"] = os.pathsep.join(warm.path if warm.process else "" for warm in started)
    yield
    del os.environ["VHI_WARM"]
    for warm in filter(lambda warm: warm.process, started):
        warm.process.stdin.close()
        warm.process.wait()


@pytest.fixture
def own_processes(monkeypatch):
    """Let a run start its processes itself, as a user's does."""
    monkeypatch.delenv("VHI_WARM", raising=False)


@pytest.fixture(scope="session")
def snakemake(shared_processes):
    """Run Snakemake on this checkout: snakemake(folder, *arguments, study=...) -> CompletedProcess.

    It is forked from a process that has it imported, which spares each of many calls two seconds.
    """
    warm, itself = Warm(["snakemake.cli", "snakemake.persistence", "snakemake.script"], first=0), [sys.executable]

    def run(folder, *arguments, check=False, **config):
        python = shlex.split(warm.python() or "") or itself
        command = [*python, str(ROOT / "tests" / "run_snakemake.py"), "-s", str(ROOT / "Snakefile"), "-d", str(folder)]
        command += ["-c2", *arguments]
        command += ["--config", *(f"{key}={value}" for key, value in config.items())]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=1500)
        if check and done.returncode:
            raise AssertionError(done.stdout[-3000:] + done.stderr[-6000:])
        return done

    yield run
    if warm.process:
        warm.process.stdin.close()
        warm.process.wait()


def pytest_itemcollected(item):
    """Keep the tests that look at one finished run on one worker, so that it is run once.

    pytest_collection_modifyitems would be too late: xdist reads the marks there, before this file's turn.
    """
    for fixture in OF_A_FILE & set(item.fixturenames):
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{fixture}"))
    if "whole_run" in item.fixturenames:
        item.add_marker(pytest.mark.xdist_group("whole_run"))


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory, shared_processes):
    """The small study with an ensemble, made to its report by make, with pages and walkthrough; run once for all files.

    The checkout, its studies and the study have spaces in their names. A test that changes it sets it right again.
    """
    make = copied_checkout(tmp_path_factory.mktemp("whole"))
    study = SmallStudy(make.folder / "my studies" / "small study", ensemble=True).add_scores().add_further_scan()
    named = f"STUDY={study.folder.relative_to(make.folder)}/"
    study.make = lambda target, *arguments: make(target, named, *arguments)
    study.checkout, study.results = make.folder, make.folder / "results" / "small study"
    for target, arguments in (("packs", ""), ("notebooks", ""), ("pages", ""), ("run", "ARGS=--verbose")):
        study.done = study.make(target, "CORES=2", *filter(None, [arguments]))
        assert study.done.returncode == 0, study.done.told[-6000:]
    return study


@pytest.fixture(scope="module")
def browser():
    """Give Chromium; where there is none, the test is skipped."""
    with chromium() as running:
        yield running


@pytest.fixture
def server():
    """Serve server.content on loopback; server.announced is its Content-Length."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.server.content is None:
                return self.send_error(404)
            self.send_response(200)
            self.send_header("Content-Length", str(self.server.announced or len(self.server.content)))
            self.end_headers()
            self.wfile.write(self.server.content)

        def log_message(self, *_):
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.content, served.announced = archive(FILES), None
    served.url = f"http://127.0.0.1:{served.server_address[1]}/archive.tar.gz"
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield served
    served.shutdown()
