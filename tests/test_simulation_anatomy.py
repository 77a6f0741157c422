"""The parametric pelvis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vhi.simulation.anatomy import build, draw_anatomy
from vhi.simulation.geometry import Bone, index_box, joint_surface
from vhi.simulation.tissues import Tissue


def grid(step=3.0):
    axis = np.arange(-99, 100, step, dtype=np.float32)
    depth = np.arange(-40, 41, step, dtype=np.float32)
    z, x, y = np.meshgrid(depth, axis, axis, indexing="ij")
    return x, y, z


@pytest.fixture(scope="module", params=["normal", "fatty", "sclerotic"])
def pelvis(request):
    x, y, z = grid()
    anatomy = draw_anatomy(np.random.default_rng(3), request.param)
    flat = np.zeros((1, 1, 1), dtype=np.float32)
    return request.param, anatomy, (x, y, z), build(anatomy, x, y, z, flat, flat)


def test_every_bone_and_the_main_tissues_are_there(pelvis):
    _, _, _, slab = pelvis
    assert set(np.unique(slab.bone)) == {0, Bone.SACRUM, Bone.ILIUM, Bone.LUMBAR, Bone.POSTERIOR_ELEMENT, Bone.JOINT}
    for tissue in (Tissue.AIR, Tissue.FAT, Tissue.MUSCLE, Tissue.MARROW, Tissue.CORTEX, Tissue.CSF, Tissue.NERVE):
        assert (slab.tissue == tissue).any(), tissue


def test_region_is_bone_without_the_sacral_midline(pelvis):
    _, _, (x, y, _), slab = pelvis
    assert not (slab.region & (slab.bone == Bone.NONE)).any()
    spared = (slab.bone == Bone.SACRUM) & (np.abs(x) < 8) & (y < 15)
    assert spared.any()
    assert not (slab.region & spared).any()
    assert (slab.region & (slab.bone == Bone.ILIUM)).sum() == (slab.bone == Bone.ILIUM).sum()


def test_depth_is_negative_in_the_sacrum_and_positive_in_the_ilium(pelvis):
    _, _, _, slab = pelvis
    assert (slab.depth[slab.bone == Bone.SACRUM] < 0).all()
    assert (slab.depth[slab.bone == Bone.ILIUM] > 0).all()


def test_sclerosis_only_where_asked(pelvis):
    kind, _, _, slab = pelvis
    assert (slab.tissue == Tissue.SCLEROSIS).any() == (kind == "sclerotic")


def test_ilium_lies_outside_the_joint_on_both_sides(pelvis):
    _, anatomy, (x, y, z), slab = pelvis
    for side in (-1, 1):
        here = (slab.bone == Bone.ILIUM) & (np.sign(x) == side)
        assert here.any()
        inner = joint_surface(anatomy, np.float32(side), y[here], z[here]) * anatomy.size
        assert (np.abs(x[here]) > 0.8 * inner - 6).all()


def test_anatomies_differ_and_repeat():
    first, second = (draw_anatomy(np.random.default_rng(seed)) for seed in (1, 2))
    assert first != second
    assert first == draw_anatomy(np.random.default_rng(1))


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.floats(-120, 120), st.floats(0, 60)),
    st.tuples(st.floats(-120, 120), st.floats(0, 60)),
    st.floats(-0.1, 0.1),
)
def test_index_box_holds_every_point_in_range(x_span, y_span, angle):
    u, v, w = np.meshgrid(np.linspace(-90, 90, 40), np.linspace(-90, 90, 40), [-1.0, 1.0], indexing="ij")
    u, v, w = (values.transpose(2, 0, 1) for values in (u, v, w))
    x, y = np.cos(angle) * u - np.sin(angle) * v + 0.02 * w, np.sin(angle) * u + np.cos(angle) * v
    x_range, y_range = (x_span[0], x_span[0] + x_span[1]), (y_span[0], y_span[0] + y_span[1])
    wanted = (x >= x_range[0]) & (x <= x_range[1]) & (y >= y_range[0]) & (y <= y_range[1])
    boxed = np.zeros(x.shape, dtype=bool)
    boxed[index_box(x, y, x_range, y_range)] = True
    assert not (wanted & ~boxed).any()
