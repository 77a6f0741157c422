"""The bundle for a computer without network: packed by make, unpacked elsewhere, installed where no network is."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from checkouts import HANDED_DOWN, copied_checkout
from vhi.study.registry import ensemble_of

OFFLINE = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else []
NOWHERE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "PIP_CONFIG_FILE": os.devnull}


def wheel(folder, name, requires=""):
    """Write the smallest package that pip installs."""
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as packed:
        packed.writestr(f"{name}.py", "")
        packed.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
        packed.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(f"{about}/RECORD", "")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A committed checkout of two small packages, which pip finds in a folder; gives a function that calls its make."""
    index = tmp_path / "index"
    index.mkdir()
    wheel(index, "small_one", "Requires-Dist: small_two\n")
    wheel(index, "small_two")
    for name, value in (NOWHERE | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}).items():
        monkeypatch.setenv(name, value)
    make = copied_checkout(tmp_path)
    (make.folder / "requirements.txt").write_text("small_one==1.0\n")
    (make.folder / ".venv" / ".set-up").touch()
    (make.folder / ".gitignore").write_text("/.venv\n/build/\n__pycache__\n")
    git = ["git", "-C", str(make.folder), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], check=True)
    return make


def offline(folder, *command):
    """Run a command without network."""
    kept = {
        name: value for name, value in os.environ.items() if name not in HANDED_DOWN and not name.startswith("PIP_")
    }
    done = subprocess.run(
        [*OFFLINE, *map(str, command)], cwd=folder, env=kept | NOWHERE, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_bundle_installs_without_network(checkout, tmp_path):
    scans, release = tmp_path / "scans", tmp_path / "release"
    for folder, name in ((scans, "P01_STIR.nii.gz"), (release, "member-1.safetensors"), (release, "MODEL_CARD.md")):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    done = checkout("bundle", f"DATA={scans}", f"WEIGHTS={release}")
    assert done.returncode == 0, done.told
    assert "build/bundle.tar: 2 packages" in done.told
    assert not list((checkout.folder / "build").glob("*.partial"))

    elsewhere = tmp_path / "else where"
    with tarfile.open(checkout.folder / "build" / "bundle.tar") as packed:
        packed.extractall(elsewhere, filter="data")
    shutil.rmtree(checkout.folder)
    shutil.rmtree(tmp_path / "index")
    brought = elsewhere / "bundle"
    assert offline(brought, "sha256sum", "--check", "--quiet", "SHA256SUMS") == (0, "")
    assert (brought / "data" / "scans" / "P01_STIR.nii.gz").is_file()
    told = (brought / "INSTALL.txt").read_text()
    assert "DATA=../data/scans" in told
    assert "source: released" in told

    code, told = offline(brought / "V_HI", "make", "setup", "WHEELS=../nowhere", f"PYTHON={sys.executable}")
    assert code
    assert "ERROR: WHEELS=../nowhere lacks packages for this system or this Python" in told
    code, told = offline(brought / "V_HI", "make", "setup", "WHEELS=../wheels", f"PYTHON={sys.executable}")
    assert code == 0, told
    assert offline(brought / "V_HI", ".venv/bin/python", "-c", "import small_one, small_two") == (0, "")

    members = ensemble_of("released", brought / "V_HI" / "config" / "ensembles.yaml")
    assert [member["file"] for member in members] == ["member-1.safetensors"]
    assert (brought / "V_HI" / "data" / "ensembles" / "released" / "member-1.safetensors.copy").is_file()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("DATA=nowhere", "ERROR: DATA=nowhere: expected a folder of scans, found none"),
        ("WEIGHTS=nowhere", "ERROR: WEIGHTS=nowhere: expected a folder that make release wrote, or one of published"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(checkout, given, words):
    done = checkout("bundle", given)
    assert done.returncode
    assert words in done.told
    assert "Traceback" not in done.told
    assert not list((checkout.folder / "build").iterdir()) if (checkout.folder / "build").exists() else True


def test_a_package_that_cannot_be_fetched_is_named(checkout):
    (checkout.folder / "requirements.txt").write_text("no_such_package==1.0\n")
    (checkout.folder / ".venv" / ".set-up").touch()
    done = checkout("bundle")
    assert done.returncode
    assert "ERROR: fetching the packages of requirements.txt: ERROR: " in done.told
    assert "no_such_package==1.0" in done.told
