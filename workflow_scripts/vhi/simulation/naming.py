"""Names of scans, and the generator of random numbers that belongs to a name."""

from zlib import crc32

import numpy as np


def generator(seed: int, name: str, purpose: str) -> np.random.Generator:
    """Make the random generator of one named thing, whatever else is simulated, in any order."""
    return np.random.default_rng([seed, crc32(name.encode()), crc32(purpose.encode())])


def scan_name(subject: str, session: str, repeat: int = 1) -> str:
    """Name a scan: ``sim01_pre``, and ``sim01_pre_2`` for the second scan of the same state."""
    return f"{subject}_{session}" + (f"_{repeat}" if repeat > 1 else "")
