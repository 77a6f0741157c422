"""Jobs forked from a process that has the large libraries imported, so that they start in a third of the time.

Snakemake starts each script as a Python of its own, and most small jobs take less time than their imports. Here one process
imports what most scripts import; a client, which Snakemake starts in place of Python, hands it the script, the folder, the
environment and where to print, waits, and ends as the script did. Modules of this workflow are imported by each job, as before.

Where a client is killed, its job ends; where the run is gone, the process ends with all its jobs.
"""

import itertools
import os
import pickle
import runpy
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

LIBRARIES = (
    "snakemake.script", "snakemake.logging", "numpy", "pandas", "scipy.special", "scipy.ndimage", "nibabel", "matplotlib.figure",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "scipy.stats", "scipy.optimize",
    "statsmodels.regression.linear_model",
)  # fmt: skip
"""Imported in this order; a job that comes earlier imports the rest itself."""

NETWORKS = ("snakemake.script", "snakemake.logging", "torch", "torch._dynamo", "pandas", "scipy.ndimage", "nibabel")
"""The same for jobs that train networks or predict. The first step of any optimiser imports torch._dynamo.

Importing torch starts no thread, so that a job can start as many as it is told to.
"""

FIRST = 4
"""Jobs that a run starts by themselves: a run of few jobs is over before the libraries are imported."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Warm:
    """The process, as the run sees it that starts it.

    Parameters
    ----------
    libraries : sequence of str
        What it imports.
    first : int
        Scripts before it is started.
    shared : str, optional
        Socket of a process that others have started, which is used in place of one of its own.
    """

    def __init__(self, libraries: Sequence[str] = LIBRARIES, first: int = FIRST, shared: str | None = None):
        self.libraries, self.first, self.shared, self.numbers = libraries, first, shared, itertools.count()
        self.process, self.folder = None, None

    def python(self) -> str | None:
        """Command that runs a script as Python would; None until the process takes jobs, and where there can be none."""
        can = hasattr(os, "pidfd_open") and not os.environ.get("VHI_COLD")  # Linux from 5.3 on
        if next(self.numbers) == self.first and can and not self.shared:
            with suppress(OSError):  # a full disk: jobs start as they would without
                self.folder = tempfile.TemporaryDirectory(prefix="vhi-")
                command = [sys.executable, "-P", __file__, self.path, *self.libraries]
                self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | ONE_THREAD)
        taking = can if self.shared else self.process and self.process.poll() is None
        if not taking or not os.path.exists(self.path):
            return None
        return shlex.join([sys.executable, "-I", "-S", str(Path(__file__).with_name("warm_client.py")), self.path])

    @property
    def path(self) -> str:
        """Of the socket, which is there as soon as the process takes jobs."""
        return self.shared or f"{self.folder.name}/jobs"


class Server:
    """The process itself: forks a job for each client until standard input ends, with the run.

    Parameters
    ----------
    path : str
        Of its socket.
    """

    def __init__(self, path: str):
        self.waiting, self.jobs = selectors.DefaultSelector(), {}
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(f"{path}.new")
        self.listening.listen(64)
        os.rename(f"{path}.new", path)
        self.waiting.register(self.listening, selectors.EVENT_READ, self.start)
        self.waiting.register(sys.stdin, selectors.EVENT_READ, self.stop)

    def serve(self, libraries: Sequence[str]) -> None:
        """Import one library after another, and do in between what is asked for."""
        libraries = iter(libraries)
        to_import = next(libraries, None)
        while True:
            for key, _ in self.waiting.select(0 if to_import else None):
                key.data(key.fileobj)
            if to_import:
                with suppress(ImportError):
                    import_module(to_import)
                to_import = next(libraries, None)

    def start(self, listening: socket.socket) -> None:
        """Fork the job of a client."""
        line, _ = listening.accept()
        try:
            _, files, _, _ = socket.recv_fds(line, 1, 3)
            with line.makefile("rb") as text:
                job = pickle.load(text)
        except (OSError, EOFError):  # the client has ended meanwhile
            return
        pid = os.fork()
        if not pid:
            run(*job, files)
        for file in files:
            os.close(file)
        end = os.pidfd_open(pid)
        self.jobs[end], self.jobs[line] = (pid, line), (pid, end)
        self.waiting.register(end, selectors.EVENT_READ, self.ended)
        self.waiting.register(line, selectors.EVENT_READ, self.abandoned)

    def ended(self, end: int) -> None:
        """Tell the client how its job ended."""
        pid, line = self.jobs.pop(end)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if self.jobs.pop(line, None):
            self.waiting.unregister(line)
            with suppress(OSError):
                line.sendall(b"%d" % (code if code >= 0 else 128 - code))
        line.close()
        self.waiting.unregister(end)
        os.close(end)

    def abandoned(self, line: socket.socket) -> None:
        """End the job of a client that was killed."""
        pid, _ = self.jobs.pop(line)
        self.waiting.unregister(line)
        os.kill(pid, signal.SIGTERM)

    def stop(self, _: object) -> None:
        """End all jobs, and this process: the run is gone."""
        for pid, _ in self.jobs.values():
            os.kill(pid, signal.SIGTERM)
        sys.exit()


def run(words: list[str], folder: str, environment: dict[str, str], files: list[int]) -> None:
    """Run a script, given with its arguments, in this process as Python would, and end it."""
    for place, file in enumerate(files):
        os.dup2(file, place)
    os.closerange(3, 256)  # what belongs to the server and to other jobs
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = words
    sys.path.insert(0, str(Path(words[0]).parent))
    try:
        runpy.run_path(words[0], run_name="__main__")
    except Exception:
        sys.excepthook(*sys.exc_info())  # a script sets its own (vhi.io.errors)
        sys.exit(1)
    sys.exit()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the run decides when its jobs end
    try:
        server = Server(sys.argv[1])
    except OSError:  # the path of TMPDIR is too long for a socket, or its file system has none
        sys.exit(1)
    server.serve(sys.argv[2:])
