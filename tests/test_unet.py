"""The network: the paper's layers, its options, sizes that the poolings do not divide, the published weights."""

import numpy as np
import pytest
import torch
from torch import nn

from published_network import Published
from vhi.region.members import from_published
from vhi.region.unet import UNet, folded, neighbours


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


def settled(**config) -> UNet:
    """Network in evaluation mode whose running statistics and scales are not the initial ones."""
    unet = UNet(**config)
    for layer in unet.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.5, 0.5)
            layer.running_var.uniform_(0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 2)
    return unet.eval()


def test_the_defaults_have_the_published_number_of_parameters():
    assert sum(p.numel() for p in UNet().parameters()) == 450_897


@pytest.mark.parametrize("levels", [2, 4, 6])
@pytest.mark.parametrize("kernel", [3, 5])
def test_every_setting_of_the_grid_keeps_the_size(levels, kernel):
    unet = UNet(levels=levels, kernel=kernel, filters=2).eval()
    assert len(unet.up) == levels - 1
    assert unet(torch.rand(1, 1, 84, 76)).shape == (1, 1, 84, 76)


@pytest.mark.parametrize(("block", "channels", "size"), [(1, 1, (30, 41)), (2, 3, (33, 64)), (4, 5, (64, 50))])
def test_blocks_neighbours_and_odd_sizes(block, channels, size):
    unet = UNet(levels=3, filters=2, block=block, in_channels=channels).eval()
    assert unet(torch.rand(2, channels, *size)).shape == (2, 1, *size)


def test_padding_is_by_reflection_and_cropped_back():
    unet = settled(levels=3, filters=2)
    x = torch.rand(1, 1, 30, 32)
    padded = nn.functional.pad(x, (0, 0, 1, 1), mode="reflect")
    assert torch.equal(unet(x), unet(padded)[..., 1:-1, :])


def test_the_1x1_convolution_commutes_with_the_upsampling():
    late = settled(levels=3, filters=4, narrow_first=False).double()
    early = UNet(levels=3, filters=4).double().eval()
    early.load_state_dict(late.state_dict())
    x = torch.rand(2, 1, 32, 32, dtype=torch.float64)
    assert (late(x) - early(x)).abs().max() < 1e-13


def test_folding_the_batch_normalisation_changes_rounding_only():
    unet = settled(levels=3, filters=4, block=2).double()
    x = torch.rand(2, 1, 32, 32, dtype=torch.float64)
    assert (unet(x) - folded(unet)(x)).abs().max() < 1e-12
    assert any(isinstance(layer, nn.BatchNorm2d) for layer in unet.modules())  # the original keeps its layers


def test_gradients_reach_every_weight():
    unet = UNet(levels=3, filters=2)
    unet(torch.rand(2, 1, 16, 16)).square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in unet.parameters())


def test_neighbours_repeat_the_ends():
    volume = np.arange(4)[:, None, None] * np.ones((1, 2, 3))
    assert neighbours(volume, 3)[:, :, 0, 0].tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 3]]
    assert np.array_equal(neighbours(volume, 1)[:, 0], volume)


def test_published_weights_give_the_published_function():
    published = Published(levels=3, filters=4).eval()
    x = torch.rand(2, 1, 32, 32)
    assert torch.allclose(from_published(published.state_dict())(x), published(x), atol=1e-6)


def test_the_same_seed_gives_the_published_first_weights():
    torch.manual_seed(3)
    published = from_published(Published().state_dict()).state_dict()
    torch.manual_seed(3)
    ours = UNet().state_dict()
    assert all(torch.equal(ours[name], published[name]) for name in ours)


def test_a_foreign_state_dict_is_refused():
    state = Published(levels=2, filters=2).state_dict()
    with pytest.raises(KeyError):
        from_published({"conv.weight": torch.zeros(1)})
    state["extra"] = torch.zeros(1)
    with pytest.raises(RuntimeError):
        from_published(state)
