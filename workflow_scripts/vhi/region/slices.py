"""Slices of several scans and their masks, in memory, as training draws them."""

import copy
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from vhi.region.ensemble import normalise
from vhi.region.unet import neighbours


class Slices:
    """Slices of several scans and their masks, in memory.

    Parameters
    ----------
    volumes, masks : sequence of array (slices, rows, columns)
        T1-weighted intensities as stored, and disease regions; in presentation order.
    channels : int
        Neighbouring slices that the network sees at once.
    """

    def __init__(self, volumes: Sequence[np.ndarray], masks: Sequence[np.ndarray], channels: int = 1):
        # ASSUME scans of different size are padded by reflection to the largest: the published ones are all 336 x 336.
        size = np.max([volume.shape[1:] for volume in volumes], axis=0)
        self.images = torch.from_numpy(np.concatenate([_padded(normalise(volume), size) for volume in volumes]))
        self.masks = torch.from_numpy(np.concatenate([_padded(mask > 0, size) for mask in masks])[:, None]).float()
        ends = np.cumsum([0] + [len(volume) for volume in volumes])
        near = [neighbours(np.arange(a, b), channels) for a, b in pairwise(ends)]
        self.near = torch.from_numpy(np.concatenate(near))

    def __len__(self) -> int:
        return len(self.near)

    def __getitem__(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Images (batch, channels, rows, columns) and masks (batch, 1, rows, columns)."""
        return self.images[self.near[index]], self.masks[index]

    def to(self, device: str, dtype: torch.dtype) -> "Slices":
        """Copy on a device."""
        moved = copy.copy(self)
        moved.images, moved.masks = self.images.to(device, dtype), self.masks.to(device, dtype)
        moved.near = self.near.to(device)
        return moved


def _padded(volume: np.ndarray, size: np.ndarray) -> np.ndarray:
    missing = size - volume.shape[1:]
    return np.pad(volume, [(0, 0), *((m // 2, m - m // 2) for m in missing)], mode="symmetric")
