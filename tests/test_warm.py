"""Jobs forked from a process with its libraries imported: like a Python of their own, and gone when the run is."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vhi.io.warm import FIRST, NETWORKS, Warm

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="jobs are forked on Linux from 5.3 on")


def until(true, seconds=60):
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def warm():
    """The process, taking jobs."""
    started = Warm()
    assert [started.python() for _ in range(FIRST)] == [None] * FIRST  # a run of few jobs needs none
    until(started.python)
    yield started
    started.process.stdin.close()
    assert started.process.wait(20) == 0


@pytest.fixture
def script(tmp_path):
    """Run a script by the process, as Snakemake would, in a folder with a space in its name."""
    path = tmp_path / "a folder" / "script.py"
    path.parent.mkdir()

    def write(text):
        path.write_text(text)
        return path

    return write


def run(warm, path, **how):
    command = f"{warm.python()} '{path}'"
    return subprocess.run(command, shell=True, capture_output=True, text=True, cwd=path.parent, timeout=60, **how)


SAYS = """
import os, sys
print(__name__, sys.argv == [__file__], sys.path[0] == os.getcwd(), os.environ["OF_THE_JOB"], os.getcwd())
print(sys.stdin.read(), file=sys.stderr)
sys.exit(int(os.environ["OF_THE_JOB"]))
"""


def test_a_job_has_folder_environment_streams_and_status_of_its_own(warm, script):
    path = script(SAYS)
    for code in (0, 3):
        done = run(warm, path, input="given", env=os.environ | {"OF_THE_JOB": str(code)})
        assert done.stdout == f"__main__ True True {code} {path.parent}\n"
        assert done.stderr == "given\n"
        assert done.returncode == code
    by_itself = [sys.executable, str(path)]
    env = os.environ | {"OF_THE_JOB": "3"}
    plain = subprocess.run(by_itself, capture_output=True, text=True, cwd=path.parent, input="given", env=env)
    assert (plain.stdout, plain.stderr, plain.returncode) == (done.stdout, done.stderr, done.returncode)


def test_libraries_are_there_and_modules_of_the_workflow_are_read_anew(warm, script, tmp_path):
    until(
        lambda: (
            run(
                warm, script("import sys; sys.exit('statsmodels.regression.linear_model' not in sys.modules)")
            ).returncode
            == 0
        )
    )
    (tmp_path / "a folder" / "mine.py").write_text("NUMBER = 1")
    path = script("import sys, mine; print('torch' in sys.modules, 'vhi' in sys.modules, mine.NUMBER)")
    assert run(warm, path).stdout == "False False 1\n"
    (tmp_path / "a folder" / "mine.py").write_text("NUMBER = 22")
    assert run(warm, path).stdout == "False False 22\n"


def test_errors_are_told_as_by_python(warm, script):
    done = run(warm, script("import sys\nsys.excepthook = lambda *_: print('told')\nraise ValueError"))
    assert (done.stdout, done.returncode) == ("told\n", 1)
    done = run(warm, script("raise ValueError('what was wrong')"))
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: what was wrong\n")
    assert run(warm, script("import os; os.kill(os.getpid(), 9)")).returncode == 137


def test_a_job_ends_with_its_client(warm, script):
    path = script("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    client = subprocess.Popen(
        f"exec {warm.python()} '{path}'", shell=True, stdout=subprocess.PIPE, text=True, cwd=path.parent
    )
    job = int(client.stdout.readline())
    client.send_signal(signal.SIGKILL)
    until(lambda: not is_running(job))
    assert run(warm, script("print(1)")).stdout == "1\n"  # others go on


def test_all_jobs_end_with_the_run(script, tmp_path):
    path = script("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    code = (
        "import subprocess, time\nfrom vhi.io.warm import FIRST, NETWORKS, Warm\nwarm = Warm()\n"
        "while not (python := warm.python()):\n    time.sleep(0.02)\n"
        f"subprocess.run(python + \" '{path}'\", shell=True, cwd={str(path.parent)!r})"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env)
    job = int(started.stdout.readline())
    started.send_signal(signal.SIGKILL)
    until(lambda: not is_running(job))


def test_a_client_whose_process_has_ended_is_python_itself(script):
    path = script("import sys; print(sys.argv[1:])")
    client = ROOT / "workflow_scripts" / "vhi" / "io" / "warm_client.py"
    command = [sys.executable, "-I", "-S", client, "nowhere/jobs", path, "a word"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "['a word']\n"


def test_where_there_can_be_no_socket_jobs_start_as_without(tmp_path, monkeypatch, capfd):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    started = Warm(first=0)
    assert started.python() is None
    assert started.process.wait(20) == 1
    assert started.python() is None
    assert capfd.readouterr().err == ""


TRAINS = f"""
import sys
sys.path.insert(0, "{ROOT / "workflow_scripts"}")
import numpy as np
from vhi.region.members import write_member
from vhi.region.protocols import Config
from vhi.region.slices import Slices
from vhi.region.training import Trainer
rng = np.random.default_rng(1)
slices = Slices([rng.random((6, 64, 64))], [rng.random((6, 64, 64)) > 0.5])
trainer = Trainer(slices, Config(unet={{"levels": 3, "filters": 8}}, steps=6, epoch=3, threads=int(sys.argv[1])))
print([row["loss"] for row in trainer.run()], trainer.unet.last.weight.sum().item())
"""


def test_a_network_is_trained_to_the_same_weights_with_any_number_of_threads(script):
    started = Warm(NETWORKS, first=0)
    assert started.python() is None
    until(started.python)
    path = script("import sys; sys.exit('torch._dynamo' not in sys.modules)")
    until(lambda: run(started, path).returncode == 0)
    assert len(os.listdir(f"/proc/{started.process.pid}/task")) == 1  # a fork would lack the others
    path = script(TRAINS)
    for threads in "12":
        forked = subprocess.run([*shlex.split(started.python()), path, threads], capture_output=True, text=True)
        plain = subprocess.run([sys.executable, path, threads], capture_output=True, text=True)
        assert forked.stdout == plain.stdout != "", forked.stderr + plain.stderr
    started.process.stdin.close()
    assert started.process.wait(20) == 0


def is_running(pid):
    """Whether a process is there, and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as text:
            return text.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
