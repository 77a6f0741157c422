"""Normal marrow proposed by networks: the choice of the patch, its judgement, and the rules."""

import json

import numpy as np
import pandas as pd
import pytest

from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.io.images import read_mask
from vhi.marrow.limits import LimitRule
from vhi.marrow.proposal import compare_patches, enlarged, patch_size, propose_patch, shrunk


def scene(seed=0):
    """STIR of noise with a vessel, and a probability that is highest around it."""
    random = np.random.default_rng(seed)
    stir = random.normal(100, 10, (5, 60, 60))
    probability = np.zeros(stir.shape)
    probability[2, 20:40, 20:40] = 0.6
    probability[1, 22:38, 22:38] = 0.4
    stir[2, 30, 28:32] = 900
    return stir, probability


def test_the_patch_is_where_it_is_likeliest_and_leaves_out_a_vessel():
    stir, probability = scene()
    patch = propose_patch(probability, stir, 300)
    assert 280 <= patch.sum() <= 300
    assert set(np.argwhere(patch)[:, 0]) == {2}
    assert stir[patch].max() < 200


def test_a_scan_without_any_likely_place_is_refused():
    stir, probability = scene()
    with pytest.raises(InputError, match="found none"):
        propose_patch(0.01 * probability, stir, 300)


def test_shrinking_takes_means_and_enlarging_undoes_it():
    volume = np.arange(2 * 9 * 8).reshape(2, 9, 8).astype(float)
    small = shrunk(volume)
    assert small.shape == (2, 2, 2)
    assert small[1, 0, 1] == volume[1, :4, 4:].mean()
    whole = enlarged(small, volume.shape)
    assert whole.shape == volume.shape
    assert np.array_equal(shrunk(whole), small)
    assert not whole[:, 8].any()


def test_the_size_is_that_of_the_median_drawn_patch():
    assert patch_size([100, 300, 5000]) == 300


def test_patches_are_compared_by_limits_and_voxels():
    stir, probability = scene()
    drawn, region = np.zeros(stir.shape, bool), np.ones(stir.shape, bool)
    drawn[2, 5:20, 5:20] = True
    same = compare_patches(stir, region, drawn, drawn, LimitRule(), 4, 8)
    assert same["preliminary_change_percent"] == 0
    assert same["patch_dice"] == 1
    other = compare_patches(stir, region, drawn, propose_patch(probability, stir, 300), LimitRule(), 4, 8)
    assert other["patch_dice"] == 0
    assert other["drawn_lower"] == same["drawn_lower"] != other["proposed_lower"]


def test_a_scan_without_a_drawn_patch_gets_a_proposed_one(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    _, a2, b1 = study.scans
    a2[1], a2[2] = "C", "pre"  # two subjects to learn from
    b1[4] = "b1_STIR.nii.gz"
    study.readings = []
    study.config["normal_marrow"] = {"source": "proposed_where_absent", "folds": 2, "steps": 4}
    study.config["training"] = {"threads": 1}
    study.config["disease_region"] = {"source": "manual_where_present"}
    study.write()
    names = ("1_normal_bone/proposed.tsv", "1_normal_bone/figure_proposed.png", "5_small_regions/b1.nii.gz")
    snakemake(tmp_path, *(f"results/small/{name}" for name in names), "-q", study=study.folder, check=True)
    results = tmp_path / "results" / "small"
    about = {
        scan: json.loads((results / f"1_normal_bone/proposed/{scan}.json").read_text()) for scan in ("a1", "a2", "b1")
    }
    # Drawn subjects by the one network that has not seen them, the new one by both.
    assert {scan: found["networks"] for scan, found in about.items()} == {"a1": 1, "a2": 1, "b1": 2}
    patch = read_mask(results / "1_normal_bone/proposed/b1.nii.gz").volume
    assert patch.sum() == about["b1"]["voxels"] == len(pd.read_csv(results / "1_normal_bone/b1.tsv", sep="\t"))
    assert (results / "5_small_regions/b1.nii.gz").is_file()
    compared = pd.read_csv(results / "1_normal_bone/proposed.tsv", sep="\t")
    assert compared["scan"].tolist() == ["a1", "a2"]
    assert (results / "1_normal_bone/figure_proposed.png").stat().st_size > 0


def test_proposing_from_one_subject_is_refused(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    study.config["normal_marrow"] = {"source": "proposed_where_absent"}
    study.write()
    done = snakemake(tmp_path, "-n", study=study.folder)
    assert done.returncode != 0
    assert "at least 2 subjects" in done.stdout + done.stderr
