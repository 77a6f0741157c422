"""Others can load the workflow: every way plans the same jobs. `make test-deploy` compares what each makes."""

import re

import pytest

from campaigns.deploy import WAYS, by_snakedeploy, in_place
from dry_run import planned


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """What a run of the demo in place would do."""
    return planned(in_place(tmp_path_factory.mktemp("jobs") / "in_place", "demo").run("demo", "-n"))


@pytest.mark.parametrize("way", [way for way in WAYS if way is not by_snakedeploy], ids=lambda way: way.__name__)
def test_every_way_plans_the_demo(tmp_path, jobs, way):
    done = way(tmp_path / "there", "demo").run("demo", "-n")
    if re.match(r"(unshare|mount): ", done.stderr):
        pytest.skip("a checkout can be mounted read-only by root only, and not in every container")
    assert done.returncode == 0, done.stdout + done.stderr
    assert planned(done) == jobs
