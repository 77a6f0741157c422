"""Fixtures: a small study made in the test, and the study's public scans where they are present."""

import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archive import FILES, archive
from small_study import SmallStudy

ROOT = Path(__file__).parents[1]
SHARED_RUNS = {"demo", "exported", "finished", "made", "packed", "reported", "room", "trial"}  # fixtures of whole runs


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
def snakemake():
    """Run Snakemake on this checkout: snakemake(folder, *arguments, study=...) -> CompletedProcess."""

    def run(folder, *arguments, check=False, **config):
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "-s",
            str(ROOT / "Snakefile"),
            "-d",
            str(folder),
            "-c2",
            *arguments,
        ]
        command += ["--config", *(f"{key}={value}" for key, value in config.items())]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=1500)
        if check and done.returncode:
            raise AssertionError(done.stdout[-3000:] + done.stderr[-6000:])
        return done

    return run


def pytest_itemcollected(item):
    """Keep the tests of a file that look at one finished run on one worker, so that it is run once.

    pytest_collection_modifyitems would be too late: xdist reads the marks there, before this file's turn.
    """
    for fixture in SHARED_RUNS & set(item.fixturenames):
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{fixture}"))


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
