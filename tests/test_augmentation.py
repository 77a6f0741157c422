"""Augmentation: the elasticdeform library's own numbers, scipy's transformations, ranges, seeds."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from vhi.region import augmentation
from vhi.region.warping import affine_coordinates, bilinear, elastic_field, nearest, pixels

# elasticdeform 0.5.1: deform_grid(image, displacement, order=0, mode="constant", cval=-1), image and displacement as
# in the test; '-' stands for -1, pixels taken from outside.
ELASTICDEFORM = [
    "99933448-------59757----",
    "395549-----2345995936---",
    "-398----7919530393------",
    "--98593036459195188198--",
    "--763499957999199945999-",
    "---709958544976199659455",
    "33--95717755398176913811",
    "789359392997335794529211",
    "98990993419229909591----",
    "091329941370978890531---",
    "-697779733999258791395--",
    "--919972227059347371139-",
    "--4989179934593493477919",
    "---33458----77917007947-",
    "99-81-----514454455-----",
    "9-------5399475-------35",
]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def batch(count=3, channels=1, rows=40, columns=36, dtype=torch.float32):
    rng = np.random.default_rng(0)
    images = ndimage.gaussian_filter(rng.gamma(2, 0.3, (count, channels, rows, columns)), (0, 0, 2, 2))
    masks = np.zeros((count, 1, rows, columns))
    masks[:, :, 10:28, 8:30] = 1
    return torch.from_numpy(images).to(dtype), torch.from_numpy(masks).to(dtype)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_elastic_deformation_is_that_of_elasticdeform():
    r, c = np.mgrid[:16, :24]
    image = torch.from_numpy(((7 * r + 3 * c + r * c) % 10).astype(float))[None, None]
    i, j = np.mgrid[:12, :12]
    displacement = torch.from_numpy(3 * np.stack([np.sin(1.7 * i + 0.9 * j), np.cos(1.1 * i - 1.3 * j)]))[None]
    ours = nearest(image, pixels(image) + elastic_field(displacement, 16, 24))[0, 0]
    theirs = torch.tensor([[-1 if v == "-" else int(v) for v in row] for row in ELASTICDEFORM])
    inside = theirs >= 0
    assert inside.sum() == 294
    assert torch.equal(ours[inside].long(), theirs[inside])


def test_the_elastic_field_is_a_cubic_spline_through_the_control_points():
    control = np.random.default_rng(1).normal(size=(2, 12, 12))
    at = np.meshgrid(np.linspace(0, 11, 50), np.linspace(0, 11, 70), indexing="ij")
    expected = [ndimage.map_coordinates(c, at, order=3, mode="mirror") for c in control]
    assert np.allclose(elastic_field(torch.from_numpy(control)[None], 50, 70)[0], expected, atol=1e-12)


def test_sampling_is_scipys():
    images, _ = batch(2, 3, dtype=torch.float64)
    where = pixels(images) + 12 * torch.randn(2, 2, 40, 36, generator=seeded(), dtype=torch.float64)
    for sample, order, tolerance in ((nearest, 0, 0), (bilinear, 1, 1e-12)):
        ours = sample(images, where)
        for b in range(2):
            inside = ((where[b] >= 0) & (where[b] <= torch.tensor([39, 35])[:, None, None])).all(0)
            everywhere = inside | torch.tensor(order == 0)
            for ch in range(3):
                theirs = ndimage.map_coordinates(images[b, ch], where[b], order=order, mode="reflect")
                assert (ours[b, ch] - torch.from_numpy(theirs))[everywhere].abs().max() <= tolerance


def test_affine_is_scale_then_shear_then_rotation_about_the_centre():
    like = torch.zeros(1, 1, 41, 31, dtype=torch.float64)
    angle, scale, shear = 0.3, (1.1, 0.9), 0.15
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = rotation @ np.array([[1, shear], [0, 1]]) @ np.diag(scale)
    where = affine_coordinates(like, *(torch.tensor([v], dtype=torch.float64) for v in (angle, scale, shear)))[0]
    centre = np.array([20, 15])
    for point in ([0, 0], [20, 15], [40, 3]):
        assert np.allclose(where[:, point[0], point[1]], matrix @ (point - centre) + centre)


@pytest.mark.parametrize("name", ["paper", "strong", "abnormal_marrow"])
def test_shapes_seeds_and_masks(name):
    images, masks = batch(channels=3)
    augment = getattr(augmentation, name)
    new_images, new_masks = augment(images, masks, seeded(1))
    assert new_images.shape == images.shape
    assert new_images.dtype == images.dtype
    assert torch.isfinite(new_images).all()
    assert set(new_masks.unique().tolist()) <= {0, 1}
    assert not torch.equal(new_images, images)
    for seed, same in ((1, True), (2, False)):
        assert torch.equal(augment(images, masks, seeded(seed))[0], new_images) == same
    assert torch.equal(images, batch(channels=3)[0])  # the slices in memory stay


def test_image_and_mask_move_together():
    _, masks = batch(4, rows=96, columns=80)
    for name in ("paper", "strong"):
        images, moved = getattr(augmentation, name)(3 * masks, masks, seeded(3))
        agree = ((images > 1.5) == (moved > 0.5)).float().mean()
        assert agree > 0.99
        assert not torch.equal(moved, masks)


def test_the_papers_draws_stay_in_their_ranges():
    images = torch.full((500, 1, 2, 2), 0.5, dtype=torch.float64)
    new, _ = augmentation.paper(images, images, seeded())
    power = new[:, 0, 0, 0].log() / np.log(0.5)
    assert 0.6 <= power.min() < 0.62
    assert 1.18 < power.max() <= 1.2


def test_half_of_the_slices_are_mirrored(monkeypatch):
    for name, value in (("SIGMA", 0.0), ("ANGLE", 0.0), ("SCALE", (1.0, 1.0)), ("SHEAR", 0.0), ("POWER", (1.0, 1.0))):
        monkeypatch.setattr(augmentation, name, value)
    images = torch.rand(400, 1, 6, 8, generator=seeded())
    new, _ = augmentation.paper(images, images, seeded())
    plain = (new == images).flatten(1).all(1)
    mirrored = (new == images.flip(-1)).flatten(1).all(1)
    assert (plain ^ mirrored).all()
    assert 150 < mirrored.sum() < 250


def test_abnormal_marrow_changes_the_marrow_and_not_the_mask():
    images, masks = batch(300)
    images.fill_(0.5)
    new, same = augmentation.abnormal_marrow(images, masks, seeded())
    assert torch.equal(same, masks)
    inside = (new[..., 15:23, 13:25].mean((1, 2, 3)) / 0.5).log()
    outside = (new[..., :4, :4].mean((1, 2, 3)) / 0.5).log()
    assert inside.min() < -0.5
    assert inside.max() > 0.4
    assert 0.3 < (inside.abs() > 0.02).float().mean() < 0.7  # the other slices stay as they are
    assert (inside - outside).std() > 0.1
