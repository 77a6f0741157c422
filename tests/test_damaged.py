# ruff: noqa: E501 (tables of one row a line)
"""Damaged inputs: every one of the corpus ends in its message, and nothing at all ends in a traceback."""

import gzip
import json

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damaged import CASES, MASK, RECORD, ROOT, SCAN, a_record, make, preliminary
from small_study import SHAPE, SmallStudy, save
from vhi.cleaning.applying import apply_record
from vhi.cleaning.masks import record_of_mask
from vhi.cleaning.records import sealed
from vhi.io.errors import InputError
from vhi.io.images import check_same_grid, read_grid, read_mask, read_scan
from vhi.io.manifest import read_manifest
from vhi.marrow.limits import find_limits
from vhi.reading_room.intake import parse_record, read_record
from vhi.study.config import read_config
from vhi.study.load import load_study
from vhi.study.rows import read_checked, read_schema

RECORD_SCHEMA = read_schema(ROOT, "record")


def read_study(study):
    load_study(ROOT, str(study.folder))


def read_weights(study):
    from vhi.region.members import read_ensemble

    config = yaml.safe_load((study.folder / "config.yaml").read_text())
    read_ensemble([study.data / name for name in config["ensemble"]["members"]])


def read_first_stir(study):
    read_scan(load_study(ROOT, str(study.folder)).tables["scans"][0]["stir"])


def normalised(study):
    from vhi.region.ensemble import normalise

    normalise(read_scan(study.data / "a1_T1W.nii.gz").volume)


def mask_of(study):
    mask = read_mask(study.data / MASK)
    check_same_grid(mask, read_scan(study.data / SCAN))
    return mask


def limits(study):
    find_limits(read_scan(study.data / SCAN).volume[mask_of(study).volume > 0])


def cleaned(study):
    """The mask of reader R1, against the lesion and the region to be removed."""
    before = np.zeros(SHAPE, np.uint8)
    before[12:18, 10:20, 2:4] = 1
    before[24:28, 24:27, 4] = 1
    save(study.data / "preliminary.nii.gz", before)
    record_of_mask(
        read_mask(study.data / "a1_cleaned_R1.nii.gz").volume, read_mask(study.data / "preliminary.nii.gz").volume
    )


def record(study):
    apply_record(read_record(study.data / RECORD, RECORD_SCHEMA), preliminary())


READERS = {
    "study": read_study, "scan": lambda study: read_scan(study.data / SCAN),
    "grid": lambda study: read_grid(study.data / SCAN), "first_stir": read_first_stir, "mask": mask_of, "limits": limits,
    "normalised": normalised, "cleaned": cleaned, "weights": read_weights, "record": record,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_damaged_input_gives_its_message(case, tmp_path):
    study = make(case, tmp_path / "small")
    with pytest.raises(InputError) as told:
        READERS[case.reader](study)
    message = str(told.value)
    assert "\n" not in message
    place = 0
    for words in case.words:
        place = message.find(words, place)
        assert place >= 0, message
    assert not (study.folder / "ran").exists()  # what code in weights would have made


def test_damaged_corpus_is_large_and_of_every_kind():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.reader for case in CASES} == set(READERS)


def test_damaged_corpus_is_made_of_whole_studies(tmp_path):
    """Undamaged, every reader is content: the messages are of the damage alone."""
    study = SmallStudy(tmp_path / "small", ensemble=True)
    (study.data / RECORD).write_text(json.dumps(a_record()))
    for read in READERS.values():
        read(study)


@pytest.mark.parametrize("name", ["readings-twice"])
def test_damaged_studies_end_snakemake_in_one_line(name, tmp_path, snakemake):
    case = next(case for case in CASES if case.name == name)
    study = make(case, tmp_path / "small")
    done = snakemake(tmp_path, "-n", study=study.folder)
    told = done.stdout + done.stderr
    assert done.returncode
    assert case.words[0] in told
    assert "Traceback" not in told
    assert sum("ERROR" in line for line in told.splitlines()) == 1


# Fuzzing: whatever the bytes, a reader gives what it promises, or an InputError of one line


def content_or_message(read):
    """What a reader gives, or None where it refuses in one line; any other exception fails the test."""
    message = "one line"
    content = None
    try:
        content = read()
    except InputError as error:
        message = str(error)
    assert message
    assert "\n" not in message
    return content


FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TABLES = {
    name: (SCHEMA, TEXT)
    for name, SCHEMA, TEXT in (
        ("readings", read_schema(ROOT, "readings"), "scan\treader\ttrial\tmethod\tmask\tvhi_voxels\na1\tR1\t1\tmanual\ta.nii\t\n"),
        ("clinical", read_schema(ROOT, "clinical"), "subject\tsession\tcrp_mg_l\nA\tpre\t4.5\nA\tpost\t1e1\n"),
        ("sparcc_sheets", read_schema(ROOT, "sparcc_sheets"), "scan\treader\tslice\tside\tq1\tq2\tq3\tq4\tdepth\tintensity\na1\tR1\t1\tleft\t1\t0\t0\t0\t0\t0\n"),
    )
}  # fmt: skip


def spoiled(content: bytes, data) -> bytes:
    """Bytes with a few places overwritten, cut out or put in."""
    out = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(out) - 1, 0)))
        what = data.draw(st.sampled_from(["set", "cut", "put"]))
        if what == "set" and out:
            out[place] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del out[place : place + data.draw(st.integers(1, 40))]
        else:
            out[place:place] = data.draw(st.binary(max_size=12))
    return bytes(out)


@FUZZ
@given(st.sampled_from(sorted(TABLES)), st.one_of(st.binary(max_size=200), st.text(max_size=200)), st.data())
def test_fuzzed_tables(tmp_path, name, noise, data):
    schema, text = TABLES[name]
    path = tmp_path / "table.tsv"
    whole = data.draw(st.booleans())
    path.write_bytes(
        (noise if isinstance(noise, bytes) else noise.encode("utf-8", "surrogatepass"))
        if whole
        else spoiled(text.encode(), data)
    )
    for row in content_or_message(lambda: read_checked(path, schema)) or []:
        assert set(row) == set(schema["properties"])
        for column in schema["required"]:
            assert row[column] is not None


@FUZZ
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["title", "limits", "vhi", "readers", "n_start", "x"]), inner, max_size=4), max_leaves=8), st.data())  # fmt: skip
def test_fuzzed_configs(tmp_path, content, data):
    path = tmp_path / "config.yaml"
    text = yaml.safe_dump(content, allow_unicode=True).encode()
    path.write_bytes(spoiled(text, data) if data.draw(st.booleans()) else text)
    config = content_or_message(lambda: read_config(tmp_path, "", read_schema(ROOT, "config")))
    assert config is None or isinstance(config["title"], str)


IMAGE = {}


def image_bytes(tmp_path_factory):
    """A mask as plain NIfTI bytes: a damaged header reaches the reader, which gzip's checksum would hide."""
    if not IMAGE:
        path = tmp_path_factory.mktemp("image") / "mask.nii"
        array = np.zeros((12, 12, 4))
        array[3:6, 3:6, 1] = 1
        IMAGE["bytes"] = save(path, array, dtype=np.uint8).read_bytes()
    return IMAGE["bytes"]


@FUZZ
@given(st.data())
def test_fuzzed_masks(tmp_path, tmp_path_factory, data):
    content = image_bytes(tmp_path_factory)
    header = data.draw(st.booleans())
    changed = spoiled(content[:352], data) + content[352:] if header else spoiled(content, data)
    packed = data.draw(st.booleans())
    path = tmp_path / ("mask.nii.gz" if packed else "mask.nii")
    path.write_bytes(gzip.compress(changed, 1) if packed else changed)
    mask = content_or_message(lambda: read_mask(path))
    if mask is not None:
        assert set(np.unique(mask.volume)) <= {0, 1}
        assert np.isfinite(mask.affine).all()


@FUZZ
@given(st.data())
def test_fuzzed_records(data):
    made = a_record()
    for _ in range(data.draw(st.integers(0, 2))):
        name = data.draw(st.sampled_from(sorted(made)))
        made[name] = data.draw(
            st.sampled_from([[], {}, None, -1, "x", [[0, 1]], [{"region": 1, "reason": "vessel"}], [{"region": 2, "reason": "other", "runs": [[5, 2]]}], 10**30])
        )  # fmt: skip
    content = json.dumps(sealed(made) if data.draw(st.booleans()) else made).encode()
    content = spoiled(content, data) if data.draw(st.booleans()) else content
    labels = content_or_message(lambda: apply_record(parse_record(content, RECORD_SCHEMA), preliminary()))
    if labels is not None:  # a record that passes only ever removes
        assert ((labels == 0) | (labels == preliminary())).all()


@FUZZ
@given(st.data())
def test_fuzzed_manifests(tmp_path, data):
    whole = b"role\tpath\tsha256\tbytes\trule\noutput\ta.tsv\t" + b"0" * 64 + b"\t1\tone\n"
    (tmp_path / "manifest.tsv").write_bytes(spoiled(whole, data))
    for row in content_or_message(lambda: read_manifest(tmp_path)) or []:
        assert set(row) == {"role", "path", "sha256", "bytes", "rule"}
