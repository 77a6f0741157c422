"""Stand in for conda in tests: the calls that Snakemake makes, with packages from one channel, VHI_TEST_CHANNEL."""

import asyncio
import json
import os
import sys
from itertools import pairwise

import yaml
from rattler import VirtualPackage, install, solve

PLATFORMS = ["linux-64", "noarch"]


async def create(file, prefix):
    """Solve an environment file and link its packages into a prefix."""
    with open(file, encoding="utf-8") as text:
        wanted = yaml.safe_load(text)["dependencies"]
    channel = f"file://{os.environ['VHI_TEST_CHANNEL']}"
    records = await solve([channel], wanted, platforms=PLATFORMS, virtual_packages=VirtualPackage.detect())
    await install(records, prefix, show_progress=False)


def main(words):
    """Answer one call."""
    options = dict(pairwise(words))
    if words[:1] == ["--version"]:
        print("conda 26.1.0")
    elif words[:2] == ["info", "--json"]:
        print(json.dumps({"conda_prefix": os.environ["VHI_TEST_CONDA"], "platform": "linux-64"}))
    elif words[:2] == ["config", "--get"]:
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif words[:2] == ["env", "create"]:
        asyncio.run(create(options["--file"], options["--prefix"]))
    elif words[:1] != ["clean"]:
        sys.exit(f"conda of the tests: expected a call that Snakemake makes, found {words}")


main(sys.argv[1:])
sys.stdout.flush()
os._exit(0)  # the library may abort while the interpreter ends
