"""Others can load the workflow: every way plans the same jobs, and a module makes the same bytes. In full: `make test-deploy`."""

import re

import pytest

from campaigns.deploy import WAYS, as_module, by_snakedeploy, in_place
from dry_run import planned
from small_study import SmallStudy


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


@pytest.mark.slow
def test_the_small_study_by_module_has_the_bytes_of_a_run_in_place(tmp_path):
    study, found = SmallStudy(tmp_path / "small").folder, []
    for make in (in_place, as_module):
        way = make(tmp_path / make.__name__, study)
        done = way.run(study, "-c2")
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(way.results(study))
    assert found[0] == found[1]
    assert len(found[0]) > 50
