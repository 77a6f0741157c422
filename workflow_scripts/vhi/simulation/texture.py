"""Random textures fixed in the subject, so that they move with the subject from scan to scan."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

GRAIN_STEP = (1.2, 1.2, 3.3)  # mm
FIBRE_STEP, FIBRE_STRETCH = 0.45, 9.0  # mm across a fibre, and how much longer a fibre's pattern is along it


@dataclass(frozen=True)
class Texture:
    """Standard normal random fields of one subject.

    Attributes
    ----------
    grain : numpy.ndarray
        Shape (192, 192, 48), float32: isotropic, trabecular and coarser scales mixed; repeats outside.
    fibre : numpy.ndarray
        Shape (512, 512), float32: drawn out along the first axis.
    """

    grain: np.ndarray
    fibre: np.ndarray


def draw_texture(rng: np.random.Generator) -> Texture:
    """Draw a subject's textures."""
    fine, coarse = (
        _standard(gaussian_filter(rng.standard_normal((192, 192, 48), dtype=np.float32), width, mode="wrap"))
        for width in ((0.9, 0.9, 0.4), (4.0, 4.0, 1.5))
    )
    fibre = gaussian_filter(rng.standard_normal((512, 512), dtype=np.float32), 1.1, mode="wrap")
    return Texture(_standard(0.5 * fine + 0.87 * coarse), _standard(fibre))


def _standard(field: np.ndarray) -> np.ndarray:
    return (field - field.mean()) / field.std()


def sample_grain(texture: Texture, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Sample the isotropic texture at subject coordinates in mm (nearest point of its lattice)."""
    index = [
        np.floor(values * np.float32(1 / step)).astype(np.intp) % count
        for values, step, count in zip((x, y, z), GRAIN_STEP, texture.grain.shape, strict=True)
    ]
    return texture.grain[tuple(index)]


def sample_fibre(texture: Texture, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Sample the muscle texture: gluteal fibres run down and outwards, paraspinal fibres nearly upright."""
    lateral = np.abs(x)
    gluteal = (lateral > 40) | (y < -45)
    along = np.where(gluteal, 0.85 * lateral - 0.53 * y, 0.20 * lateral + 0.98 * y)
    across = np.where(gluteal, 0.53 * lateral + 0.85 * y, 0.98 * lateral - 0.20 * y)
    i = np.floor(along / (FIBRE_STEP * FIBRE_STRETCH) + np.float32(170) * (x > 0)).astype(np.intp) % 512
    j = np.floor(across / FIBRE_STEP + 2.2 * z).astype(np.intp) % 512
    return texture.fibre[i, j]
