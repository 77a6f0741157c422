"""The two-dimensional U-Net that outlines the disease region (paper, section 2.5.3)."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class UNet(nn.Module):
    """U-Net with batch normalisation; returns logits.

    With the defaults it is the network of the paper, layer for layer: `levels` resolution levels, the number of
    filters doubling from one to the next, twice (convolution, batch normalisation, ReLU) per level, 2x2 max pooling
    down, bilinear upsampling and a 1x1 convolution up, skip connections concatenated, a 1x1 convolution last.

    Parameters
    ----------
    levels : int
        Resolution levels L; there are L - 1 poolings.
    filters : int
        Filters of the first level.
    kernel : int
        Side of the convolution kernels, odd.
    in_channels : int
        Channels of the input: neighbouring slices, the one to segment in the middle. More than one departs from the
        paper.
    block : int
        Side of the squares of pixels that are moved into channels at the input and back at the output, so that the
        network computes at 1 / `block` of the resolution. More than 1 departs from the paper.
    narrow_first : bool
        Compute the 1x1 convolution before the upsampling instead of after it. Both are linear, one over channels, the
        other over pixels with weights that sum to 1, so that they commute exactly; before is four times cheaper.

    References
    ----------
    .. [1] Hepburn et al. PLoS ONE 2023, section 2.5.3.
    .. [2] Ronneberger et al. 2015, arXiv:1505.04597; as in github.com/jvanvugt/pytorch-unet.
    """

    def __init__(
        self,
        levels: int = 4,
        filters: int = 16,
        kernel: int = 3,
        in_channels: int = 1,
        block: int = 1,
        narrow_first: bool = True,
    ):
        super().__init__()
        self.config = {
            "levels": levels,
            "filters": filters,
            "kernel": kernel,
            "in_channels": in_channels,
            "block": block,
            "narrow_first": narrow_first,
        }
        self.levels, self.block, self.narrow_first = levels, block, narrow_first
        widths = [filters * 2**level for level in range(levels)]
        inputs = [in_channels * block**2, *widths[:-1]]
        self.down = nn.ModuleList(_twice(n_in, n_out, kernel) for n_in, n_out in zip(inputs, widths, strict=True))
        self.narrow, self.up = nn.ModuleList(), nn.ModuleList()
        for width in reversed(widths[:-1]):  # made in turn, as in [2]_: the same seed gives the same first weights
            self.narrow.append(nn.Conv2d(2 * width, width, 1))
            self.up.append(_twice(2 * width, width, kernel))
        self.last = nn.Conv2d(filters, block**2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the disease region.

        Parameters
        ----------
        x : Tensor (batch, in_channels, rows, columns)
            Normalised slices, superior at the top, columns running to the patient's left.

        Returns
        -------
        Tensor (batch, 1, rows, columns)
        """
        rows, columns = x.shape[-2:]
        # ASSUME a side that the poolings do not divide is padded by reflection, equally on both sides, and cropped
        # back: the paper trained 6 levels on 336 pixels (not a multiple of 32) and does not say how.
        multiple = self.block * 2 ** (self.levels - 1)
        left, top = (-columns % multiple) // 2, (-rows % multiple) // 2
        if rows % multiple or columns % multiple:
            right, bottom = -columns % multiple - left, -rows % multiple - top
            x = F.pad(x, (left, right, top, bottom), mode="reflect")
        if self.block > 1:
            x = F.pixel_unshuffle(x, self.block)

        skips = []
        for level, convolutions in enumerate(self.down):
            x = convolutions(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        skips.pop()  # the deepest level has no skip
        for narrow, convolutions in zip(self.narrow, self.up, strict=True):
            x = _double(narrow(x)) if self.narrow_first else narrow(_double(x))
            x = convolutions(torch.cat([x, skips.pop()], dim=1))  # the upsampled map first
        x = self.last(x)

        if self.block > 1:
            x = F.pixel_shuffle(x, self.block)
        return x[..., top : top + rows, left : left + columns]


def _twice(n_in: int, n_out: int, kernel: int) -> nn.Sequential:
    """Twice convolution, batch normalisation, ReLU; the size of the image stays."""
    layers = []
    for channels in (n_in, n_out):
        layers += [
            nn.Conv2d(channels, n_out, kernel, padding=kernel // 2),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


def _double(x: torch.Tensor) -> torch.Tensor:
    """Bilinear upsampling by two, aligned corners."""
    x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
    if x.requires_grad and not x.is_contiguous():
        # The gradient comes as a slice of that of the concatenation, for which torch has only a kernel that is five times slower.
        x.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
    return x


def neighbours(volume: np.ndarray, channels: int) -> np.ndarray:
    """Each slice with its neighbours as channels; beyond the ends the last slice repeats.

    Parameters
    ----------
    volume : array (slices, rows, columns)
    channels : int
        Odd; 1 gives the slice alone.

    Returns
    -------
    array (slices, channels, rows, columns)
        Slice s is channel ``channels // 2`` of element s.
    """
    reach = channels // 2
    near = np.arange(len(volume))[:, None] + np.arange(-reach, reach + 1)
    return volume[near.clip(0, len(volume) - 1)]


def folded(unet: UNet) -> UNet:
    """Copy for prediction only, each batch normalisation folded into the convolution before it.

    Parameters
    ----------
    unet : UNet
        In evaluation mode.

    Returns
    -------
    UNet
        The same function but for rounding (probabilities of the published networks differ by at most 3e-6 in fp32).
    """
    unet = copy.deepcopy(unet)
    for layers in (*unet.down, *unet.up):
        for i in (0, 3):
            layers[i], layers[i + 1] = fuse_conv_bn_eval(layers[i], layers[i + 1]), nn.Identity()
    return unet
