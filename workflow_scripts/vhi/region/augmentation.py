"""Random changes to a batch of slices, on the processor or the graphics card (paper, section 2.5.3).

Every function takes images (batch, channels, rows, columns) and a random generator on the same device; masks are
(batch, 1, rows, columns), 0 or 1. `paper` is the published augmentation; `strong` is the one of the fast protocol,
which may be followed by `abnormal_marrow`.
"""

from functools import lru_cache
from math import radians

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Generator, Tensor

from vhi.region.protocols import FLIPPED

GRID, SIGMA = 12, 3.0  # elastic deformation: points of the control grid per axis, displacement (SD) in pixels
ANGLE, SCALE, SHEAR, POWER = 10.0, (0.9, 1.1), 0.2, (0.6, 1.2)  # degrees, ratio, ratio, exponent


def paper(images: Tensor, masks: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Augment as published: elastic deformation, affine transformation, flip, power; nearest neighbour, reflection.

    Parameters
    ----------
    images : Tensor (batch, channels, rows, columns)
        Normalised intensities.
    masks : Tensor (batch, 1, rows, columns)
    generator : Generator

    Returns
    -------
    images, masks : Tensor
        Shaped as they came.

    References
    ----------
    .. [1] Hepburn et al. PLoS ONE 2023, section 2.5.3; ranges as in the published programs.
    """
    batch, channels, rows, columns = images.shape
    both = torch.cat([images, masks], dim=1)
    fine = both.double()  # coordinates in float64: in fp32 some pixels would fall to another neighbour
    displacement = SIGMA * _normal((batch, 2, GRID, GRID), fine, generator)
    both = nearest(both, pixels(fine) + elastic_field(displacement, rows, columns))
    both = nearest(both, affine_coordinates(fine, *_affine(fine, generator, ANGLE, SCALE, SHEAR)))
    mirrored = _uniform((batch, 1, 1, 1), fine, generator, 0, 1) < FLIPPED
    both = torch.where(mirrored, both.flip(-1), both)
    power = _uniform((batch, 1, 1, 1), fine, generator, *POWER).to(both)
    return both[:, :channels].clamp(min=0) ** power, both[:, channels:]


def strong(images: Tensor, masks: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Augment for the fast protocol: wider ranges, one bilinear sampling, and shading, contrast and noise.

    Parameters and results are those of `paper`. Departs from the paper.
    """
    batch, channels, rows, columns = images.shape
    both = torch.cat([images, masks], dim=1)
    angle, scale, shear = _affine(both, generator, 15.0, (0.85, 1.2), 0.2)
    mirrored = _uniform((batch,), both, generator, 0, 1) < 0.5
    scale[:, 1] *= torch.where(mirrored, -1, 1)
    displacement = SIGMA * _normal((batch, 2, GRID, GRID), both, generator)
    where = affine_coordinates(both, angle, scale, shear) + elastic_field(displacement, rows, columns)
    both = bilinear(both, where)
    images, masks = both[:, :channels], (both[:, channels:] > 0.5).to(both.dtype)

    one_each = (batch, 1, 1, 1)
    power = _uniform(one_each, both, generator, *POWER)
    gain = _uniform(one_each, both, generator, -0.25, 0.25)
    depth = _uniform(one_each, both, generator, 0, 0.25)
    shading = elastic_field(_normal((batch, 1, 4, 4), both, generator), rows, columns)
    noise = _uniform(one_each, both, generator, 0, 0.05) * _normal(images.shape, both, generator)
    return images.clamp(min=0) ** power * (gain + depth * shading).exp() + noise, masks


def abnormal_marrow(images: Tensor, masks: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Make the marrow of some slices fatty (bright) or sclerotic (dark), in patches or all over; shade others.

    The published network failed on three of 19 subjects with such marrow, which no training scan has. Follows `strong`;
    parameters and results are those of `paper`. Departs from the paper.
    """
    batch, _, rows, columns = images.shape
    one_each = (batch, 1, 1, 1)

    def in_some(fraction: float, low: float, high: float) -> Tensor:
        chosen = _uniform(one_each, images, generator, 0, 1) < fraction
        return torch.where(chosen, _uniform(one_each, images, generator, low, high), 0)

    change = in_some(0.4, -1.0, 0.7)  # of the logarithm: to 0.4 and 2 times the intensity
    where = elastic_field(_normal((batch, 1, 6, 6), images, generator), rows, columns)
    patches = torch.sigmoid(4 * (where + _uniform(one_each, images, generator, -1, 3)))  # from patches to all marrow
    # Within the marrow of the slice, of another slice, or anywhere: else the change itself would show the outline.
    kind = _uniform(one_each, images, generator, 0, 3).floor()
    marrow = torch.where(kind == 0, masks, torch.where(kind == 1, masks.roll(1, 0), torch.ones_like(masks)))
    marrow = F.avg_pool2d(marrow, 7, stride=1, padding=3, count_include_pad=False)
    shading = elastic_field(_normal((batch, 1, 3, 3), images, generator), rows, columns)
    noise = in_some(0.2, 0, 0.1) * _normal(images.shape, images, generator)
    return images * (change * patches * marrow + in_some(0.2, -0.4, 0.4) * shading).exp() + noise, masks


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
        _uniform((batch,), like, generator, -radians(angle), radians(angle)),
        _uniform((batch, 2), like, generator, *scale),
        _uniform((batch,), like, generator, -shear, shear),
    )


def _uniform(shape: tuple[int, ...], like: Tensor, generator: Generator, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator, device=like.device, dtype=like.dtype)


def _normal(shape: tuple[int, ...], like: Tensor, generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)
