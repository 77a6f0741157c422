"""What make does with a mistake: one line that helps, nothing written, nothing lost; and paths with spaces."""

import functools
import http.server
import os
import shutil
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from checkouts import copied_checkout

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout on a path with spaces; gives a function that calls its make."""
    return copied_checkout(tmp_path)


def made(folder):
    """Files that a run would have made."""
    return [path for path in (folder / "results").rglob("*") if path.is_file()] if (folder / "results").exists() else []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "study=demo"], "study=... is no variable of this Makefile; write STUDY=demo."),
        (["run"], "ERROR: STUDY=NAME is missing: which study to run. Studies: demo paper simulated trial"),
        (["read", "STUDY=demo", "READER=R9"], "ERROR: unknown reader 'R9'; readers of study demo: R1, R2"),
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
def test_every_target_works_on_a_path_with_spaces(whole_run):
    """The checkout, its studies and the study of `whole_run` have spaces in their names."""
    assert (whole_run.results / "report.html").is_file()
    assert (whole_run.results / "7_1_overlap" / "figure_4.png").is_file()
    for target in ("verify", "export", "crate", "packs"):
        done = whole_run.make(target, "CORES=2")
        assert done.returncode == 0, (target, done.told)
    for target in ("preliminary", "summaries", "report", "resume", "review"):
        done = whole_run.make(target, "CORES=2", "ARGS=-n")
        assert done.returncode == 0, (target, done.told)
    made = {path.name for path in whole_run.results.parent.iterdir()}  # with a variant of tests/test_workflow.py
    assert made - {"small study@conservative"} == {"small study"}


# Which build of torch is installed: from an index on loopback, with packages that hold nothing


def wheel(folder, version):
    """Write a package "torch" of some version that holds nothing but its name."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as file:
        about = f"torch-{version}.dist-info"
        file.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")


@pytest.fixture
def torch_index(tmp_path):
    """An index with a CPU build, at the address that the test is given, and a folder that takes the place of PyPI."""
    wheel(tmp_path / "served" / "cpu" / "torch", "9.9.9+cpu")
    wheel(tmp_path / "pypi", "9.9.9")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "served")
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "at", "version", "told"),
    [
        ("cpu", "/cpu", "9.9.9+cpu", ""),
        ("cpu", "/nothing", "9.9.9", "/nothing gives no CPU build of torch here: the build of PyPI is installed"),
        ("pypi", "/cpu", "9.9.9", ""),
        ("gpu", "/cpu", None, "TORCH=gpu: expected cpu or pypi"),
    ],
)
def test_setup_takes_the_build_of_torch_that_is_asked_for(tmp_path, torch_index, build, at, version, told):
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text("torch==9.9.9\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "MFLAGS"))}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(tmp_path / "pypi"), "no_proxy": "127.0.0.1"}
    command = ["make", "setup", f"TORCH={build}", f"TORCH_INDEX={torch_index}{at}"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert told in said
    assert (done.returncode == 0) == (version is not None), said
    assert ("installed" in said) == ("installed" in told)
    there = [path.name for path in folder.glob(".venv/lib/python*/site-packages/torch-*.dist-info")]
    assert there == ([f"torch-{version}.dist-info"] if version else [])


@pytest.mark.parametrize(("card", "build"), [(True, "pypi"), (False, "cpu")])
def test_without_a_graphics_card_torch_has_no_cuda(tmp_path, card, build):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "make"):
        (tools / tool).symlink_to(shutil.which(tool))
    for tool in ("uname", "nvidia-smi")[: 1 + card]:
        (tools / tool).write_text("#!/bin/sh\necho Linux\n")
        (tools / tool).chmod(0o755)
    print_it = [
        "make",
        "--no-print-directory",
        "-f",
        str(ROOT / "Makefile"),
        "--eval",
        "told:; $(info $(TORCH))",
        "told",
    ]
    done = subprocess.run(print_it, cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True)
    assert done.stdout.split("\n")[0] == build, done.stderr
