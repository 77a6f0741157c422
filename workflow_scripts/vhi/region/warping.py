"""Deformations of batches of slices: elastic fields, affine maps, sampling."""

from functools import lru_cache
from math import radians

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Generator, Tensor


def elastic_field(control: Tensor, rows: int, columns: int) -> Tensor:
    """Cubic-spline interpolation of a control grid whose corners are the corners of the image.

    The same as the elasticdeform library: spline coefficients with mirror boundaries, evaluated at every pixel. The
    interpolation is linear in the control points and separable, hence two small matrix products.

    Parameters
    ----------
    control : Tensor (batch, components, grid rows, grid columns)

    Returns
    -------
    Tensor (batch, components, rows, columns)

    References
    ----------
    .. [1] github.com/gvtulder/elasticdeform, `deform_random_grid`.
    """
    vertical = _spline(rows, control.shape[-2]).to(control)
    horizontal = _spline(columns, control.shape[-1]).to(control)
    return vertical @ control @ horizontal.T


@lru_cache
def _spline(pixels: int, points: int) -> Tensor:
    """Matrix (pixels, points), float64: values at the pixels of the cubic spline through values at the points."""
    positions = np.linspace(0, points - 1, pixels)[None]
    columns = [ndimage.map_coordinates(unit, positions, order=3, mode="mirror") for unit in np.eye(points)]
    return torch.from_numpy(np.stack(columns, axis=1))


def affine_coordinates(like: Tensor, angle: Tensor, scale: Tensor, shear: Tensor) -> Tensor:
    """Where each pixel of the transformed image is taken from.

    Parameters
    ----------
    like : Tensor (batch, channels, rows, columns)
        Gives the size.
    angle : Tensor (batch,)
        Rotation, radians.
    scale : Tensor (batch, 2)
        Of rows and of columns; a negative one mirrors.
    shear : Tensor (batch,)

    Returns
    -------
    Tensor (batch, 2, rows, columns)
        Row and column, in pixels.
    """
    # ASSUME rotation and shear about the centre of the slice, in the order scale, shear, rotation: the paper names only
    # the three.
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.stack([cos, cos * shear - sin, sin, sin * shear + cos], dim=-1).reshape(-1, 2, 2) * scale[:, None]
    centre = torch.tensor([(n - 1) / 2 for n in like.shape[-2:]]).to(like)[:, None, None]
    offset = pixels(like) - centre
    return torch.einsum("bij,jrc->birc", matrix, offset) + centre


def pixels(like: Tensor) -> Tensor:
    """Coordinates of the pixels themselves: (2, rows, columns), row first."""
    axes = [torch.arange(n, device=like.device, dtype=like.dtype) for n in like.shape[-2:]]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"))


def nearest(images: Tensor, where: Tensor) -> Tensor:
    """Sample at coordinates (batch, 2, rows, columns), nearest neighbour; edges reflect (c b a | a b c | c b a)."""
    # ASSUME this reflection, scipy's: elasticdeform's own is one pixel off within half a pixel of the edge.
    rows, columns = images.shape[-2:]
    row, column = (_reflect((w + 0.5).floor().long(), n) for w, n in zip(where.unbind(1), (rows, columns), strict=True))
    flat = (row * columns + column).flatten(1)[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).gather(2, flat).reshape(*images.shape[:2], *where.shape[-2:])


def bilinear(images: Tensor, where: Tensor) -> Tensor:
    """Sample at coordinates (batch, 2, rows, columns), bilinear; edges reflect as in `nearest`."""
    size = torch.tensor(images.shape[-2:]).to(images)[:, None, None]
    grid = ((2 * where + 1) / size - 1).flip(1).permute(0, 2, 3, 1)  # grid_sample counts -1 to 1, column first
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def _reflect(index: Tensor, n: int) -> Tensor:
    """Fold indices beyond the edges back into 0 .. n - 1."""
    index = index.remainder(2 * n)
    return torch.minimum(index, 2 * n - 1 - index)


def _affine(like: Tensor, generator: Generator, angle: float, scale: tuple[float, float], shear: float):
    """Draw angle (radians), scale and shear for each image; the angle given is in degrees."""
    batch = len(like)
    return (
        uniform((batch,), like, generator, -radians(angle), radians(angle)),
        uniform((batch, 2), like, generator, *scale),
        uniform((batch,), like, generator, -shear, shear),
    )


def uniform(shape: tuple[int, ...], like: Tensor, generator: Generator, low: float, high: float) -> Tensor:
    """Draw numbers between two bounds, one per slice."""
    return low + (high - low) * torch.rand(shape, generator=generator, device=like.device, dtype=like.dtype)
