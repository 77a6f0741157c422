"""The signal equations, and the noise of the simulated images."""

import math

import numpy as np
import pytest

from vhi.simulation.sequences import STIR, T1W, Protocol, acquire, signal_table, spin_echo_signal
from vhi.simulation.tissues import FAT_T1, PROPERTIES, Tissue


def test_spin_echo_signal_by_hand():
    assert spin_echo_signal(Protocol(tr=1000, te=0), 1000, 50, 1.0) == pytest.approx(1 - math.exp(-1))
    assert spin_echo_signal(Protocol(tr=1e9, te=50), 1000, 50, 0.5) == pytest.approx(0.5 * math.exp(-1))


def test_inversion_nulls_at_its_null_time():
    null = FAT_T1 * math.log(2)
    assert spin_echo_signal(Protocol(tr=1e9, te=10, ti=null), FAT_T1, 100, 1.0) == pytest.approx(0, abs=1e-12)
    assert spin_echo_signal(Protocol(tr=1e9, te=0, ti=0), 900, 100, 1.0) == pytest.approx(-1)


def test_contrast_is_that_of_the_two_sequences():
    t1w, stir = signal_table(T1W, 0.45), signal_table(STIR, 0.45)
    assert t1w[Tissue.FAT] > t1w[Tissue.MARROW] > t1w[Tissue.MUSCLE] > t1w[Tissue.CORTEX]
    assert stir[Tissue.CSF] > stir[Tissue.OEDEMA] > 2 * stir[Tissue.MARROW]
    assert stir[Tissue.MARROW] > stir[Tissue.FAT] > stir[Tissue.CORTEX]
    assert t1w[Tissue.OEDEMA] < t1w[Tissue.MARROW]  # oedema is dark on T1w


def test_fatty_marrow_is_brighter_on_t1w_and_darker_on_stir():
    for protocol, sign in ((T1W, 1), (STIR, -1)):
        tables = signal_table(protocol, 0.45), signal_table(protocol, 0.85)
        assert sign * (tables[1][Tissue.MARROW] - tables[0][Tissue.MARROW]) > 0


def test_every_tissue_has_properties():
    assert set(PROPERTIES) == set(Tissue)


@pytest.mark.parametrize("resolution", [(0.4, 0.4), (1.3, 1.3)])
def test_noise_has_the_asked_spread_and_is_rician(resolution):
    rng = np.random.default_rng(1)
    bright = acquire(np.full((96, 96, 6), 20, dtype=np.float32), resolution, 1.0, rng)
    assert bright.std() == pytest.approx(1.0, rel=0.06)
    air = acquire(np.zeros((96, 96, 6), dtype=np.float32), resolution, 1.0, rng)
    assert air.mean() == pytest.approx(math.sqrt(math.pi / 2), rel=0.06)  # Rayleigh
    assert air.dtype == np.float32
