"""Members: files that are damaged, foreign, identical; prediction in every precision; the published golden numbers."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from vhi.io.errors import InputError
from vhi.io.images import read_mask, read_scan
from vhi.region.ensemble import average, normalise, predict, predict_views, rounded
from vhi.region.members import networks_of_folds, read_ensemble, read_member, write_member
from vhi.region.precision import native_bf16
from vhi.region.unet import UNet

STUDY = Path(os.environ.get("VHI_DATA", Path(__file__).resolve().parents[2] / "shared" / "bone_mri"))
WEIGHTS = [STUDY / f"scripts_notebooks/segmentation_disease_region/model_{i}.pt" for i in (1, 2, 3)]
real = pytest.mark.skipif(not WEIGHTS[0].is_file(), reason="the study's public data is not here")


def network(seed: int = 0, **config) -> UNet:
    torch.manual_seed(seed)
    return UNet(**({"levels": 2, "filters": 4} | config)).eval()


@pytest.fixture
def volume():
    torch.set_num_threads(1)
    return np.random.default_rng(0).gamma(2, 100, (5, 24, 20))


def test_normalise_divides_by_three_standard_deviations(volume):
    assert np.allclose(normalise(volume), volume / (3 * volume.std()))
    assert normalise(volume).dtype == np.float32
    assert np.allclose(normalise(7 * volume), normalise(volume), rtol=1e-5)


@pytest.mark.parametrize("bad", [np.full((2, 4, 4), 5.0), np.full((2, 4, 4), np.nan)])
def test_normalise_refuses_a_volume_without_contrast(bad):
    with pytest.raises(InputError, match="standard deviation"):
        normalise(bad)


def test_write_and_read_again(tmp_path, volume):
    unet = network(in_channels=3, block=2)
    write_member(tmp_path / "a.safetensors", unet, seed=4)
    again = read_member(tmp_path / "a.safetensors")
    assert again.config == unet.config
    assert np.array_equal(predict([again], volume), predict([unet], volume))
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_networks_of_folds_are_found_by_fold_and_steps(tmp_path):
    places = [("fast", 1, "weak-350"), ("fast", 1, "weak-700"), ("fast", 2, "steps-full"), ("paper", 2, "steps-full")]
    paths = [tmp_path / setting / f"fold-{fold}" / "seed-5" / f"{name}.safetensors" for setting, fold, name in places]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_member(path, network())
    found = networks_of_folds(paths, "fast")
    assert {fold: list(by_steps) for fold, by_steps in found.items()} == {1: ["350", "700"], 2: ["full"]}


@pytest.mark.parametrize("keep", [0, 7, 300, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path, keep):
    write_member(tmp_path / "a.safetensors", network())
    whole = (tmp_path / "a.safetensors").read_bytes()
    (tmp_path / "a.safetensors").write_bytes(whole[: int(keep * len(whole)) if keep < 1 else keep])
    with pytest.raises(InputError, match=r"a\.safetensors.*damaged"):
        read_member(tmp_path / "a.safetensors")


def test_a_damaged_or_foreign_published_file_is_refused(tmp_path):
    torch.save({"conv.weight": torch.zeros(3)}, tmp_path / "foreign.pt")
    (tmp_path / "noise.pt").write_bytes(b"not weights at all")
    (tmp_path / "list.pt").write_bytes(b"")
    torch.save([1, 2], tmp_path / "list.pt")
    for name in ("foreign.pt", "noise.pt", "list.pt"):
        with pytest.raises(InputError, match=name):
            read_member(tmp_path / name)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"absent\.pt.*found none"):
        read_member(tmp_path / "absent.pt")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(tmp_path, value):
    unet = network()
    with torch.no_grad():
        unet.last.weight[0, 0] = value
    write_member(tmp_path / "a.safetensors", unet)
    with pytest.raises(InputError, match=r"a\.safetensors.*last\.weight"):
        read_member(tmp_path / "a.safetensors")


def test_identical_members_are_refused(tmp_path):
    for name, seed in (("a", 0), ("b", 1), ("c", 0)):
        write_member(tmp_path / f"{name}.safetensors", network(seed))
    assert len(read_ensemble([tmp_path / "a.safetensors", tmp_path / "b.safetensors"])) == 2
    with pytest.raises(InputError, match=r"c\.safetensors.*a\.safetensors"):
        read_ensemble([tmp_path / f"{name}.safetensors" for name in "abc"])
    with pytest.raises(InputError, match="at least one"):
        read_ensemble([])


def test_members_are_predicted_each_by_itself(volume):
    members = [network(0), network(1, in_channels=3), network(2, block=2)]
    p = predict(members, volume, precision="fp32")
    assert p.shape == (3, *volume.shape)
    assert p.dtype == np.float32
    assert np.array_equal(p[1], predict(members[1:2], volume, precision="fp32")[0])
    assert np.allclose(predict(members, volume, precision="fp32", slices=slice(1, 4)), p[:, 1:4], atol=1e-6)
    x = torch.from_numpy(normalise(volume))[:, None]
    with torch.no_grad():
        assert np.allclose(p[0], members[0](x).sigmoid()[:, 0], atol=1e-6)


def test_a_slice_does_not_depend_on_the_others_in_its_batch(volume):
    scan = np.concatenate([volume, volume[::-1]])  # the same intensities, hence the same normalisation
    p = predict([network()], scan, precision="fp32")[0]
    assert np.allclose(p[:5], p[:4:-1], atol=1e-6)


def test_flip_averages_with_the_mirror_image(volume):
    both = predict([network()], volume, precision="fp32", flip=True)
    plain = predict([network()], volume, precision="fp32")
    mirrored = predict([network()], volume[..., ::-1], precision="fp32")[..., ::-1]
    assert np.allclose(both, (plain + mirrored) / 2, atol=1e-6)


def test_scales_average_with_the_enlarged_slices_brought_back(volume):
    member, x = network(), torch.from_numpy(normalise(volume))[:, None]
    size = [round(side * 1.25) for side in x.shape[-2:]]
    with torch.no_grad():
        larger = member(functional.interpolate(x, size=size, mode="bilinear")).sigmoid()
    larger = functional.interpolate(larger, size=x.shape[-2:], mode="bilinear")[:, 0].numpy()
    plain = predict([member], volume, precision="fp32")
    both = predict([member], volume, precision="fp32", scales=(1, 1.25))
    assert np.allclose(both, (plain + larger) / 2, atol=1e-5)
    views = predict_views([member], volume, precision="fp32", flip=True, scales=(1, 0.8, 1.25))
    assert views.shape == (1, 6, *volume.shape)


def test_threads_are_given_back(volume):
    predict([network()], volume, threads=2)
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_any_number_of_threads_gives_the_same_bits(volume, precision):
    one, three = (predict([network()], volume, precision, threads, flip=True) for threads in (1, 3))
    assert np.array_equal(one, three)


def test_prediction_leaves_the_member_as_it_was(volume):
    member = network()
    before = {name: weight.clone() for name, weight in member.state_dict().items()}
    predict([member], volume, precision="bf16")
    assert all(torch.equal(weight, before[name]) for name, weight in member.state_dict().items())


def test_bf16_is_close(volume):
    p, q = (predict([network()], volume, precision=precision) for precision in ("fp32", "bf16"))
    assert 0 < np.abs(p - q).max() < 0.02
    assert np.array_equal(predict([network()], volume), q if native_bf16() else p)


def test_average_and_rounding():
    p = np.array([[[[0.2, 0.5, 0.9]]], [[[0.4, 0.5, 0.6]]]])
    assert average(p).tolist() == [[[pytest.approx(0.3), 0.5, 0.75]]]
    assert rounded(average(p)).tolist() == [[[0, 0, 1]]]
    assert rounded(average(p)).dtype == np.uint8
    assert np.array_equal(rounded(p[0]), rounded(p[1]))


@real
@pytest.mark.real
@pytest.mark.parametrize("name", WEIGHTS, ids=lambda path: path.stem)
def test_truncated_published_files_are_refused(tmp_path, name):
    whole = name.read_bytes()
    for fraction in (0.1, 0.5, 0.999):
        (tmp_path / "cut.pt").write_bytes(whole[: int(fraction * len(whole))])
        with pytest.raises(InputError, match=r"cut\.pt"):
            read_member(tmp_path / "cut.pt")


@real
@pytest.mark.real
def test_the_published_ensemble_of_one_is_refused(tmp_path):
    shutil.copy(WEIGHTS[0], tmp_path / "again.pt")
    with pytest.raises(InputError, match=r"again\.pt.*model_1\.pt"):
        read_ensemble([WEIGHTS[0], tmp_path / "again.pt"])


@real
@pytest.mark.real
@pytest.mark.parametrize(("scan", "published"), [("1003", 0.9699), ("2014", 0.9739)])
def test_the_published_ensemble_has_the_published_dice(scan, published):
    torch.set_num_threads(1)
    t1w = read_scan(STUDY / f"data/images_study/T1W/Pre_Scans/{scan}_T1W.nii.gz").volume
    regions = STUDY / "data/segmentations/Disease_region_manual_segmentation/Test_data"
    manual = read_mask(regions / f"{scan}_disease_region.nii.gz").volume > 0
    members = read_ensemble(WEIGHTS)
    region = rounded(average(predict(members, t1w)))
    dice = [2 * (a & b).sum() / (a.sum() + b.sum()) for a, b in zip(region > 0, manual, strict=True)]
    assert np.mean(dice) == pytest.approx(published, abs=0.001)
    middle = slice(11, 13)
    exact = rounded(average(predict(members, t1w, precision="fp32", slices=middle)))
    assert np.count_nonzero(region[middle] != exact) <= 0.0005 * exact.size


def test_a_slice_takes_its_share_from_its_neighbours():
    probability = np.zeros((4, 1, 2))
    probability[1:3, 0, 0] = 0.9  # two slices of four
    probability[0, 0, 1] = 0.6  # an end slice stands in for the one that it lacks
    assert rounded(probability).tolist() == rounded(probability, smoothing=0.1).tolist()
    assert rounded(probability, smoothing=0.2)[:, 0, 1].tolist() == [0, 0, 0, 0]  # 0.8 x 0.6
    probability[3, 0, 0] = 0.45
    assert rounded(probability, smoothing=0.1)[:, 0, 0].tolist() == [0, 1, 1, 0]  # 0.9 x 0.45 + 0.1 x 0.9 = 0.495
    assert rounded(probability, smoothing=0.2)[:, 0, 0].tolist() == [0, 1, 1, 1]  # 0.8 x 0.45 + 0.2 x 0.9 = 0.54
    assert np.array_equal(probability[3, 0], [0.45, 0])  # and leaves what it was given


def test_islands_are_dropped_by_their_share_of_the_largest_part():
    probability = np.zeros((4, 20, 20))
    probability[:2, 2:12, 2:12] = 0.9  # 200 voxels
    probability[2, 2, 2] = 0.9  # touches them from the next slice
    probability[1:3, 16:18, 16] = 0.9  # 4 voxels, 2 %
    probability[3, 19, 0] = 0.9
    assert rounded(probability).sum() == 206
    assert rounded(probability, 0.019).sum() == 205
    assert rounded(probability, 0.021).sum() == 201
    assert rounded(np.zeros((2, 3, 3)), 0.02).sum() == 0
