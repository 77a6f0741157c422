"""Disease regions by a program of the user's."""

import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.region.by_command import region_by_command
from vhi.study.load import load_study
from vhi.study.plan import Plan

ROOT = Path(__file__).parents[1]
PROGRAM = """
import sys
import nibabel as nib
import numpy as np
t1w = nib.load(sys.argv[1])
mask = np.zeros(t1w.shape, np.uint8)
mask[8:40, 6:42, 1:5] = 1
nib.save(nib.Nifti1Image(mask, t1w.affine), sys.argv[2])
"""


@pytest.fixture
def by_command(tmp_path):
    """The small study, whose regions a program with a space in its path gives."""
    study = SmallStudy(tmp_path / "small")
    program = tmp_path / "my program.py"
    program.write_text(PROGRAM)
    study.config["disease_region"] = {
        "source": "command",
        "command": f"{sys.executable} '{program}' {{t1w}} {{region}}",
    }
    return study.write()


def test_the_program_gives_the_region_and_a_corrected_one_wins(by_command, tmp_path, snakemake):
    by_command.scans[1][7] = "a1_region.nii.gz"
    plan = Plan(load_study(ROOT, str(by_command.write().folder)), ROOT)
    sources = {scan: plan.chosen_region(scan)[0] for scan in ("a1", "a2", "b1")}
    assert sources == {"a1": "command", "a2": "corrected", "b1": "command"}
    assert plan.probability_of_region("a1") == []
    snakemake(tmp_path, "results/small/3b_disease_region/a1.nii.gz", study=by_command.folder, check=True)
    found = np.asarray(nib.load(tmp_path / "results/small/3b_disease_region/a1.nii.gz").dataobj)
    np.testing.assert_array_equal(found, nib.load(by_command.data / "a1_region.nii.gz").get_fdata())
    assert '"source": "command"' in (tmp_path / "results/small/3b_disease_region/a1.json").read_text()


@pytest.mark.parametrize("command", [None, "segment {t1w}", "segment {region}"])
def test_a_command_that_cannot_work_is_refused_at_once(by_command, command):
    by_command.config["disease_region"]["command"] = command
    with pytest.raises(InputError, match=r"disease_region.command: expected a command line with \{t1w\}"):
        load_study(ROOT, str(by_command.write().folder))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo 'no GPU here'; exit 3 # {t1w} {region}", "it ended with status 3. It said:\n  no GPU here"),
        ("true {t1w} {region}", "it ended well and wrote none. It said:\n  (nothing)"),
    ],
)
def test_a_program_that_fails_is_shown(tmp_path, command, words):
    with pytest.raises(InputError) as told:
        region_by_command(command, "scan.nii.gz", tmp_path)
    assert words in str(told.value)
