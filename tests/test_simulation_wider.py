"""Repeated scans, and what makes scans less alike: motion, ghosts, failing fat suppression, body size, scanners."""

from dataclasses import asdict, fields, replace

import numpy as np
import pytest

from vhi.simulation.geometry import Bone
from vhi.simulation.naming import generator, scan_name
from vhi.simulation.opinions import Reader, draw_opinions
from vhi.simulation.patch import outline_region
from vhi.simulation.rebuild import rebuild
from vhi.simulation.scan import draw_subject, redraw_patch, simulate
from vhi.simulation.sequences import STIR
from vhi.simulation.visit import FIELD_MM, draw_visit
from vhi.simulation.wider import Wider, another_scanner, displace, draw_artefacts
from vhi.statistics.overlap import dice

SEED = 20230419
SMALL = (96, 96, 12)
OPTIONS = tuple(field.name for field in fields(Wider))
OF_SCANS = tuple(name for name in OPTIONS if name != "body_size")
IMAGES = ("t1w", "stir", "normal_marrow", "disease_region")


@pytest.fixture(scope="module")
def subject():
    return draw_subject("sim28", SEED)


@pytest.fixture(scope="module")
def scan(subject):
    return simulate(subject, "pre", SEED, SMALL)


def stir_visit(subject):
    return draw_visit(subject, "pre", SMALL, 60.0, np.random.default_rng(1))


def test_options_at_0_change_nothing(scan):
    settings = {"seed": SEED, "matrix": SMALL, "stir_te_ms": 60.0, "wider": asdict(Wider())}
    again = rebuild({"name": "sim28", "marrow": "normal", "session": "pre", "repeat": 1}, settings)
    assert all(getattr(scan, name).tobytes() == getattr(again, name).tobytes() for name in IMAGES)
    assert draw_artefacts(Wider(), STIR, SEED, "sim28_pre").failure is None
    signal = np.ones((4, 4, 2), np.float32)
    assert displace(signal, ()) is signal


@pytest.mark.parametrize("option", OF_SCANS)
def test_an_option_of_scans_changes_images_and_no_truth(subject, scan, option):
    other = simulate(subject, "pre", SEED, SMALL, wider=Wider(**{option: 1.0}))
    assert (other.stir != scan.stir).mean() > 0.3
    np.testing.assert_array_equal(other.truth.oedema, scan.truth.oedema)
    np.testing.assert_array_equal(other.disease_region, scan.disease_region)
    if option == "fat_failure":
        np.testing.assert_array_equal(other.t1w, scan.t1w)


@pytest.mark.parametrize("option", ["motion", "ghosting", "fat_failure"])
def test_a_share_is_the_share_of_scans(option):
    drawn = [draw_artefacts(Wider(**{option: 0.3}), STIR, SEED, f"scan{n}") for n in range(200)]
    spoilt = [bool(one.copies["stir"]) or one.failure is not None for one in drawn]
    assert 0.2 < np.mean(spoilt) < 0.4


def test_motion_mixes_copies_close_by_and_ghosts_lie_far_along_i():
    for number in range(20):
        (right, up, share), *more = draw_artefacts(Wider(motion=1), STIR, SEED, f"m{number}").copies["stir"]
        assert not more
        assert np.hypot(right, up) <= 2
        assert 0 < share < 0.5
        ghosts = draw_artefacts(Wider(ghosting=1), STIR, SEED, f"g{number}").copies["stir"]
        assert [up for _, up, _ in ghosts] == [0, 0]
        assert all(abs(right) >= 25 for right, _, _ in ghosts)
        assert sum(share for _, _, share in ghosts) <= 0.08


def test_displaced_copies_keep_the_mean_and_lie_where_they_should():
    signal = np.zeros((100, 100, 2), np.float32)
    signal[50, 50] = 1
    step = FIELD_MM[0] / 100
    mixed = displace(signal, ((10 * step, 0.0, 0.25), (0.0, 2.5 * step, 0.1)))
    assert mixed.sum() == pytest.approx(signal.sum(), rel=1e-5)
    np.testing.assert_allclose(mixed[[50, 60, 50, 50], [50, 50, 52, 53], 0], [0.65, 0.25, 0.05, 0.05], atol=1e-6)


def test_fat_suppression_fails_by_another_inversion_time(subject, scan):
    artefacts = draw_artefacts(Wider(fat_failure=1), STIR, SEED, "sim28_pre")
    assert artefacts.failed.te == STIR.te
    assert 0.09 < abs(artefacts.failed.ti / STIR.ti - 1) < 0.21


def test_another_body_is_drawn_of_a_wider_range():
    plain = [draw_subject(f"sim{n:02d}", SEED).anatomy for n in range(1, 21)]
    wide = [draw_subject(f"sim{n:02d}", SEED, wider=Wider(body_size=1)).anatomy for n in range(1, 21)]
    for name in ("size", "fat_thickness", "marrow_fat", "marrow_t2"):
        spread = [np.std([getattr(one, name) for one in of]) for of in (plain, wide)]
        assert spread[1] > 1.2 * spread[0], name
    kept = [
        replace(two, **{name: getattr(one, name) for name in WIDENED}) for one, two in zip(plain, wide, strict=True)
    ]
    assert kept == plain


WIDENED = ("size", "fat_thickness", "muscle_fat", "marrow_fat", "marrow_spread", "marrow_lateral", "marrow_t2")


def test_another_scanner_has_other_times_noise_coils_and_scale(subject):
    visit = stir_visit(subject)
    other = another_scanner(visit, 1.0, np.random.default_rng(2))
    assert other.protocols["stir"].te != visit.protocols["stir"].te
    assert other.protocols["stir"].ti != visit.protocols["stir"].ti
    assert other.noise != visit.noise
    assert other.gain != visit.gain
    assert other.scale != visit.scale
    assert another_scanner(visit, 0.0, np.random.default_rng(2)) is visit


def test_a_repeat_has_the_same_truth_in_another_position_with_other_noise(subject, scan):
    again = simulate(subject, "pre", SEED, SMALL, repeat=2)
    assert (again.stir != scan.stir).mean() > 0.5
    assert (again.normal_marrow != scan.normal_marrow).any()
    sizes = [one.truth.oedema.sum() for one in (scan, again)]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.15)
    assert again.truth.structures.equals(scan.truth.structures)


def test_a_repeat_is_named_behind_its_session():
    assert [scan_name("sim01", "pre", number) for number in (1, 2)] == ["sim01_pre", "sim01_pre_2"]


@pytest.mark.parametrize("persists", [0.0, 0.6, 1.0])
def test_opinions_before_and_after_correlate_by_what_persists(scan, persists):
    reader = replace(Reader("R1"), persists=persists)
    pairs = []
    for number in range(12):
        one = replace(scan, subject=f"other{number}")
        names = (f"other{number}_{session}" for session in ("pre", "post"))
        pairs.append([draw_opinions(one, reader, SEED, name, "clean")[:, 0] for name in names])
    assert np.corrcoef(np.concatenate(pairs, axis=1))[0, 1] == pytest.approx(persists, abs=0.08)


def test_patches_of_one_scan_differ_and_lie_in_sacral_marrow(scan):
    patches = [redraw_patch(scan, generator(SEED, f"again {n}", "patch")) for n in range(6)]
    for patch in patches:
        assert patch.any()
        assert not (patch & ~scan.truth.sacral_marrow).any()
        assert (scan.truth.bone[patch] == Bone.SACRUM).all()
    assert len({patch.tobytes() for patch in patches}) == 6
    assert np.std([patch.sum() for patch in patches]) > 5


def test_a_rater_outlines_nearly_the_true_region(subject):
    full = simulate(subject, "pre", SEED, (336, 336, 12))
    true = full.disease_region.astype(np.float32)
    step = tuple(np.array(FIELD_MM) / full.stir.shape)
    drawn = [outline_region(true, step, generator(SEED, f"rater {n}", "outline")) for n in range(3)]
    for one in drawn:
        assert 0.93 < dice(one, full.disease_region) < 0.99
    assert 0.9 < dice(drawn[0], drawn[1]) < 0.99
