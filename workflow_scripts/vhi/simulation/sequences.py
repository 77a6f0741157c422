"""Signal equations of the two sequences, coil shading and noise."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from vhi.simulation.tissues import FAT_T1, FAT_T2, PROPERTIES, Properties, Tissue


@dataclass(frozen=True)
class Protocol:
    """A turbo spin echo sequence; with an inversion time it is a STIR.

    Attributes
    ----------
    tr, te : float
        Repetition and effective echo time, ms.
    ti : float or None
        Inversion time, ms; None without inversion.
    """

    tr: float
    te: float
    ti: float | None = None


# ASSUME TE of the STIR is 60 ms, as the public headers say; section 2.4 prints 50.
STIR = Protocol(tr=5316.0, te=60.0, ti=210.0)
# ASSUME TR 650 and TE 15 ms for the T1w turbo spin echo: section 2.4 gives no parameters for it.
T1W = Protocol(tr=650.0, te=15.0)


def spin_echo_signal(protocol: Protocol, t1: float, t2: float, density: float) -> float:
    """Give the signed signal of one proton pool.

    Without inversion S = rho (1 - exp(-TR/T1)) exp(-TE/T2); with it
    S = rho (1 - 2 exp(-TI/T1) + exp(-TR/T1)) exp(-TE/T2) (Bydder and Young, J Comput Assist Tomogr 1985;9:659-675).

    Parameters
    ----------
    protocol : Protocol
    t1, t2 : float
        Relaxation times, ms.
    density : float
        Proton density relative to pure water.

    Returns
    -------
    float
        Signal in units of the fully relaxed signal of water; negative where the inverted spins have not passed null.
    """
    recovered = 1 - np.exp(-protocol.tr / t1)
    if protocol.ti is not None:
        recovered = 1 - 2 * np.exp(-protocol.ti / t1) + np.exp(-protocol.tr / t1)
    return float(density * recovered * np.exp(-protocol.te / t2))


def mixture_signal(protocol: Protocol, tissue: Properties, fat: float) -> float:
    """Give the magnitude signal of a tissue at a fat fraction: water and fat in phase, as at a spin echo."""
    water = spin_echo_signal(protocol, tissue.t1, tissue.t2, tissue.density)
    lipid = spin_echo_signal(protocol, FAT_T1, FAT_T2, tissue.density)
    return abs((1 - fat) * water + fat * lipid)


def signal_table(protocol: Protocol, marrow_fat: float, marrow_t2: float = PROPERTIES[Tissue.MARROW].t2) -> np.ndarray:
    """Tabulate the magnitude signal of every tissue.

    Parameters
    ----------
    protocol : Protocol
    marrow_fat : float
        Fat fraction of the subject's marrow, 0 to 1.
    marrow_t2 : float
        T2 of the marrow's water, ms.

    Returns
    -------
    numpy.ndarray
        Shape (n tissues,), float32, indexed by `Tissue`.
    """
    table = np.zeros(len(Tissue), dtype=np.float32)
    for tissue, properties in PROPERTIES.items():
        if tissue is Tissue.MARROW:
            properties = Properties(properties.t1, marrow_t2, properties.density, marrow_fat)
        table[tissue] = mixture_signal(protocol, properties, properties.fat)
    return table


def fat_slope(protocol: Protocol, marrow_t2: float = PROPERTIES[Tissue.MARROW].t2) -> float:
    """Give the change of marrow signal per unit of fat fraction: what marrow texture is made of."""
    marrow = PROPERTIES[Tissue.MARROW]
    marrow = Properties(marrow.t1, marrow_t2, marrow.density, marrow.fat)
    return mixture_signal(protocol, marrow, 0.9) / 0.4 - mixture_signal(protocol, marrow, 0.5) / 0.4


def acquire(signal: np.ndarray, resolution: tuple[float, float], noise: float, rng: np.random.Generator) -> np.ndarray:
    """Form the magnitude image: the scanner's in-plane point spread, and Rician noise with the same spread.

    The scanner interpolates from a coarser acquired matrix, so neighbouring voxels share their noise (in the public
    scans the second difference of normal marrow is about a sixth of its standard deviation).

    Parameters
    ----------
    signal : numpy.ndarray
        Shape (i, j, k), float32, noise-free and not negative.
    resolution : tuple of float
        Standard deviation of the Gaussian point spread along i and j, voxels.
    noise : float
        Standard deviation of each channel's noise in the image, in the signal's units.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray
        Shape (i, j, k), float32.

    References
    ----------
    Gudbjartsson H, Patz S. The Rician distribution of noisy MRI data. Magn Reson Med 1995;34:910-914.
    """
    gain = np.prod([_noise_gain(sigma) for sigma in resolution])
    channels = rng.standard_normal((2, signal.shape[2], *signal.shape[:2]), dtype=np.float32)
    channels *= np.float32(noise / gain)
    channels[0] += signal.transpose(2, 0, 1)
    for axis, sigma in zip((2, 3), resolution, strict=True):
        channels = gaussian_filter1d(channels, sigma, axis=axis, mode="nearest", truncate=3.0)
    return np.hypot(channels[0], channels[1]).transpose(1, 2, 0)


def _noise_gain(sigma: float) -> float:
    """Give the standard deviation of unit white noise after a Gaussian filter of `sigma` voxels."""
    taps = np.zeros(65)
    taps[32] = 1
    return float(np.sqrt((gaussian_filter1d(taps, sigma, truncate=3.0) ** 2).sum()))
