"""Random changes to a batch of slices, on the processor or the graphics card (paper, section 2.5.3).

Every function takes images (batch, channels, rows, columns) and a random generator on the same device; masks are
(batch, 1, rows, columns), 0 or 1. `paper` is the published augmentation; `strong` is the one of the fast protocol,
which may be followed by `abnormal_marrow`.
"""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from vhi.region.protocols import FLIPPED
from vhi.region.warping import _affine, affine_coordinates, bilinear, elastic_field, nearest, pixels, uniform

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
    mirrored = uniform((batch, 1, 1, 1), fine, generator, 0, 1) < FLIPPED
    both = torch.where(mirrored, both.flip(-1), both)
    power = uniform((batch, 1, 1, 1), fine, generator, *POWER).to(both)
    return both[:, :channels].clamp(min=0) ** power, both[:, channels:]


def strong(images: Tensor, masks: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Augment for the fast protocol: wider ranges, one bilinear sampling, and shading, contrast and noise.

    Parameters and results are those of `paper`. Departs from the paper.
    """
    batch, channels, rows, columns = images.shape
    both = torch.cat([images, masks], dim=1)
    angle, scale, shear = _affine(both, generator, 15.0, (0.85, 1.2), 0.2)
    mirrored = uniform((batch,), both, generator, 0, 1) < 0.5
    scale[:, 1] *= torch.where(mirrored, -1, 1)
    displacement = SIGMA * _normal((batch, 2, GRID, GRID), both, generator)
    where = affine_coordinates(both, angle, scale, shear) + elastic_field(displacement, rows, columns)
    both = bilinear(both, where)
    images, masks = both[:, :channels], (both[:, channels:] > 0.5).to(both.dtype)

    one_each = (batch, 1, 1, 1)
    power = uniform(one_each, both, generator, *POWER)
    gain = uniform(one_each, both, generator, -0.25, 0.25)
    depth = uniform(one_each, both, generator, 0, 0.25)
    shading = elastic_field(_normal((batch, 1, 4, 4), both, generator), rows, columns)
    noise = uniform(one_each, both, generator, 0, 0.05) * _normal(images.shape, both, generator)
    return images.clamp(min=0) ** power * (gain + depth * shading).exp() + noise, masks


def very_abnormal_marrow(images: Tensor, masks: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """As `abnormal_marrow`, in more slices and as fatty (up to 2.7 times as bright) as sclerotic."""
    return abnormal_marrow(images, masks, generator, share=0.5, brightest=1.0)


def abnormal_marrow(
    images: Tensor, masks: Tensor, generator: Generator, share: float = 0.4, brightest: float = 0.7
) -> tuple[Tensor, Tensor]:
    """Make the marrow of some slices fatty (bright) or sclerotic (dark), in patches or all over; shade others.

    The published network failed on three of 19 subjects with such marrow, which no training scan has. Follows `strong`;
    parameters and results are those of `paper`. Departs from the paper.
    """
    batch, _, rows, columns = images.shape
    one_each = (batch, 1, 1, 1)

    def in_some(fraction: float, low: float, high: float) -> Tensor:
        chosen = uniform(one_each, images, generator, 0, 1) < fraction
        return torch.where(chosen, uniform(one_each, images, generator, low, high), 0)

    change = in_some(
        share, -1.0, brightest
    )  # of the logarithm: to 0.4 and, unless told otherwise, 2 times the intensity
    where = elastic_field(_normal((batch, 1, 6, 6), images, generator), rows, columns)
    patches = torch.sigmoid(4 * (where + uniform(one_each, images, generator, -1, 3)))  # from patches to all marrow
    # Within the marrow of the slice, of another slice, or anywhere: else the change itself would show the outline.
    kind = uniform(one_each, images, generator, 0, 3).floor()
    marrow = torch.where(kind == 0, masks, torch.where(kind == 1, masks.roll(1, 0), torch.ones_like(masks)))
    marrow = F.avg_pool2d(marrow, 7, stride=1, padding=3, count_include_pad=False)
    shading = elastic_field(_normal((batch, 1, 3, 3), images, generator), rows, columns)
    noise = in_some(0.2, 0, 0.1) * _normal(images.shape, images, generator)
    return images * (change * patches * marrow + in_some(0.2, -0.4, 0.4) * shading).exp() + noise, masks


def _normal(shape: tuple[int, ...], like: Tensor, generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)
