"""How much of a run is the engine's: seconds of processor that Snakemake itself takes, beside those of its jobs.

    .venv/bin/python benchmarks/engine.py FOLDER [--study simulated] [--variant quick] [--cores 2]

The jobs' seconds hold the imports that are not shared between them (`vhi.io.warm`; all imports with VHI_COLD=1). FOLDER gets the
results; it must not exist, so that everything is made.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COUNTED = """
import atexit, json, psutil, resource, sys
from snakemake.cli import main

def tell(path=sys.argv.pop(1)):
    for child in psutil.Process().children():  # what forks the jobs: their time counts once it has ended
        child.terminate()
        child.wait()
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    open(path, "w").write(json.dumps([one.ru_utime + one.ru_stime for one in usage]))

atexit.register(tell)
main()
"""


def main():
    """Run the study, and print a table of one row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--study", default="simulated")
    parser.add_argument("--variant", default="quick")
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True)
    usage = folder / "usage.json"
    config = [f"study={given.study}"] + ([f"variant={given.variant}"] if given.variant else [])
    command = [sys.executable, "-c", COUNTED, usage, "-s", ROOT / "Snakefile", "-d", folder, "-c", given.cores]
    start = time.perf_counter()
    if subprocess.run([*map(str, command), "--quiet", "rules", "--config", *config]).returncode:
        sys.exit("the run did not end well")
    seconds = time.perf_counter() - start
    engine, jobs = json.loads(usage.read_text())
    idle = 1 - (engine + jobs) / (given.cores * seconds)
    print("study\tseconds\tengine_processor_s\tjobs_processor_s\tengine_percent_of_jobs\tidle_percent")
    name = given.study + (f"@{given.variant}" if given.variant else "")
    print(f"{name}\t{seconds:.0f}\t{engine:.1f}\t{jobs:.1f}\t{100 * engine / jobs:.1f}\t{100 * idle:.0f}")


if __name__ == "__main__":
    main()
