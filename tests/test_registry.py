"""Pretrained ensembles by name: known, fetched once, checked."""

import hashlib

import pytest
import yaml

from refusals import ROOT, load, refused
from small_study import SmallStudy
from vhi.io.download import fetch_file
from vhi.io.errors import InputError
from vhi.study.load import load_study
from vhi.study.registry import ensemble_of


def test_the_published_ensemble_is_known_by_name(tmp_path):
    members = ensemble_of("published", ROOT / "config" / "ensembles.yaml")
    assert [row["file"] for row in members] == ["model_1.pt", "model_2.pt", "model_3.pt"]
    manifest = (ROOT / "config" / "paper" / "manifest.tsv").read_text()
    for row in members:  # the paper's study downloads the same files, at the same commit
        assert f"scripts_notebooks/segmentation_disease_region/{row['file']}\t{row['sha256']}" in manifest
        assert (
            yaml.safe_load((ROOT / "config" / "paper" / "config.yaml").read_text())["download"]["url"]
            .split("/")[-1]
            .startswith(row["url"].split("/")[5])
        )


def test_an_unknown_name_is_told_with_the_known_ones(small_study):
    small_study.config["ensemble"] = {"source": "publisht"}
    refused(small_study.write(), "unknown ensemble 'publisht'", "did you mean 'published'", "files, trained, published")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- a list", "is not of type 'object'"),
        ("mine: {members: []}", "mine.members"),
        ("mine: {members: [{file: a.pt, url: 'http://x/a.pt', sha256: abc}]}", "mine.members.0.sha256"),
        ("mine: {members: [{file: ../a.pt, url: 'http://x/a.pt', sha256: " + "a" * 64 + "}]}", "does not match"),
        ("trained: {members: []}", "trained"),
        ("mine: [", "cannot be read as YAML"),
        ("mine: {members: " + str([{"file": "a.pt", "url": "http://x", "sha256": "0" * 64}] * 2) + "}", "a file twice"),
    ],
)
def test_a_damaged_registry(tmp_path, content, words):
    path = tmp_path / "ensembles.yaml"
    path.write_text(content)
    with pytest.raises(InputError) as told:
        ensemble_of("mine", path)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def registered(study, server, sha256):
    """Name the study's first member in a registry of its own, served on loopback."""
    server.content = (study.data / "member_1.safetensors").read_bytes()
    other = study.data / "member_2.safetensors"
    members = [
        {"file": "one.safetensors", "url": server.url, "sha256": sha256},
        {"file": "two.safetensors", "url": other.as_uri(), "sha256": hashlib.sha256(other.read_bytes()).hexdigest()},
    ]
    (study.folder / "ensembles.yaml").write_text(yaml.safe_dump({"mine": {"members": members}}))
    study.config["ensemble"] = {"source": "mine", "threads": 1}
    study.write()


def test_an_ensemble_of_a_study_is_fetched_once_and_checked(tmp_path, snakemake, server):
    study = SmallStudy(tmp_path / "small", ensemble=True)
    fetched = tmp_path / "data" / "ensembles" / "mine" / "one.safetensors"
    registered(study, server, hashlib.sha256((study.data / "member_1.safetensors").read_bytes()).hexdigest())
    assert [row["file"] for row in load_study(ROOT, str(study.folder)).ensemble] == [
        "one.safetensors",
        "two.safetensors",
    ]
    with pytest.raises(InputError, match="expected SHA-256 0000"):
        fetch_file(server.url, fetched, "0" * 64)
    assert not fetched.exists()
    snakemake(tmp_path, "data/ensembles/mine/one.safetensors", study=study.folder, check=True)
    assert fetched.read_bytes() == server.content
    done = snakemake(
        tmp_path, "-n", "results/small/3b_disease_region/ensemble/b1.nii.gz", study=study.folder, check=True
    )
    assert "Fetch two.safetensors" in done.stdout + done.stderr
    assert "Fetch one.safetensors" not in done.stdout + done.stderr


def test_without_network_the_message_says_where_to_put_the_weights_and_they_are_checked(tmp_path):
    path, content = tmp_path / "data" / "one.pt", b"weights"
    digest = hashlib.sha256(content).hexdigest()
    url = "http://127.0.0.1:9/one.pt"
    with pytest.raises(InputError) as told:
        fetch_file(url, path, digest)
    for words in (
        url,
        "cannot be downloaded",
        f"save it as {path}.copy",
        f"its SHA-256 must be {digest} and is checked",
    ):
        assert words in str(told.value)
    brought = path.with_name("one.pt.copy")
    brought.write_bytes(b"other weights")
    with pytest.raises(InputError, match=f"expected SHA-256 {digest}"):
        fetch_file(url, path, digest)
    assert not path.exists()
    brought.write_bytes(content)
    fetch_file(url, path, digest)
    assert path.read_bytes() == content


def test_no_member_of_a_registry_is_asked_for_where_files_are(small_study):
    assert load(small_study).ensemble == []
