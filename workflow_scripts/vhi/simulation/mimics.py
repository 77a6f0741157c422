"""What looks like inflammation and is none: vessels, wet joints, bright posterior bone."""

from dataclasses import dataclass

import numpy as np

from vhi.simulation.geometry import Anatomy, joint_surface


@dataclass(frozen=True)
class Vessel:
    """A vein in the marrow: a straight tube from `start` to `end` (subject coordinates, mm) of a radius in mm."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    filling: float  # share of blood signal at its centre, 0 to 1


@dataclass(frozen=True)
class Mimics:
    """What is bright without being inflamed.

    Attributes
    ----------
    vessels : tuple of Vessel
    fluid : tuple of float
        Threshold of the texture above which the right and the left joint hold fluid; lower is more fluid.
    posterior : tuple of float
        Oedema-like share of the right and left posterior ilium, 0 to 1.
    disc_edge : float
        Oedema-like share of the marrow next to a disc, 0 to 1.
    """

    vessels: tuple[Vessel, ...]
    fluid: tuple[float, float]
    posterior: tuple[float, float]
    disc_edge: float


def draw_mimics(rng: np.random.Generator, anatomy: Anatomy) -> Mimics:
    """Draw a subject's vessels, joint fluid, posterior ilium and disc edges."""
    vessels = tuple(_draw_vessel(rng, anatomy) for _ in range(rng.integers(70, 160)))
    posterior = np.where(rng.random(2) < 0.15, rng.uniform(0.1, 0.22, 2), rng.uniform(0, 0.04, 2))
    return Mimics(
        vessels,
        fluid=tuple(rng.uniform(0.9, 2.6, 2).tolist()),
        posterior=tuple(posterior.tolist()),
        disc_edge=float(rng.uniform(0, 0.25)),
    )


def _draw_vessel(rng, anatomy):
    side, y, z = rng.choice([-1.0, 1.0]), rng.uniform(-32, 38), rng.uniform(-24, 16)
    offset = rng.choice([rng.uniform(-50, -4), rng.uniform(4, 26)])
    x = side * (joint_surface(anatomy, side, y, z) + offset)
    direction = rng.normal(0, 1, 3) * (1, 1, 0.5)
    end = np.array([x, y, z]) + rng.uniform(4, 16) * direction / np.linalg.norm(direction)
    return Vessel(
        (float(x), float(y), float(z)), tuple(end.tolist()), float(rng.uniform(0.4, 0.9)), rng.uniform(0.1, 0.6)
    )
