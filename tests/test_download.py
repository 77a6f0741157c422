"""Download of the public data, against a server on loopback."""

import io
import tarfile
from pathlib import Path

import pandas as pd
import pytest

from archive import FILES, MANIFEST, archive
from vhi.io.download import CHECKSUMS, check_files, fetch_archive
from vhi.io.errors import InputError

MANIFEST_OF_THE_PAPER = Path(__file__).parents[1] / "config" / "paper" / "manifest.tsv"


def with_entry(name, kind, link=""):
    """The archive with one more entry: a link, or a device."""
    whole = io.BytesIO(archive(FILES))
    out = io.BytesIO()
    with tarfile.open(fileobj=whole) as old, tarfile.open(fileobj=out, mode="w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, link
        new.addfile(entry)
    return lambda server: setattr(server, "content", out.getvalue())


def test_the_folder_holds_every_file_and_says_which_the_manifest_knows(server, tmp_path):
    found = fetch_archive(server.url, tmp_path / "new" / "data", MANIFEST)
    for name, content in FILES.items():
        assert (tmp_path / "new" / "data" / name).read_bytes() == content
    assert found.set_index("path")["in_manifest"].to_dict() == {
        "data/a.nii.gz": True, "data/deep/b.txt": True, "extra.txt": False,
    }  # fmt: skip
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda server: setattr(server, "content", archive({**FILES, "data/a.nii.gz": b"scan b"})), "expected SHA-256"),
        (lambda server: setattr(server, "content", archive({"data/a.nii.gz": b"scan a"})), "lacks 1 of 2 files"),
        (lambda server: setattr(server, "content", server.content[:60]), "not a whole gzipped tar archive"),
        (lambda server: setattr(server, "announced", len(server.content) + 10), "broke off"),
        (lambda server: setattr(server, "content", None), "404"),
        (lambda server: setattr(server, "content", archive(FILES, top="../")), "not a whole gzipped tar archive"),
        (lambda server: setattr(server, "content", archive({**FILES, "a/../../../x": b""})), "not a whole gzipped tar"),
        (with_entry("repository-3338c88/link", tarfile.SYMTYPE, "/etc/passwd"), "not a whole gzipped tar archive"),
        (with_entry("repository-3338c88/link", tarfile.SYMTYPE, "../../x"), "not a whole gzipped tar archive"),
        (with_entry("repository-3338c88/link", tarfile.LNKTYPE, "../x"), "not a whole gzipped tar archive"),
        (with_entry("repository-3338c88/device", tarfile.CHRTYPE), "not a whole gzipped tar archive"),
        (with_entry("/etc/vhi", tarfile.REGTYPE), "expected one folder at the archive's top"),
        (lambda server: setattr(server, "content", archive({"x": b"", "y/z": b""}, top="")), "one folder"),
    ],
)
def test_a_damaged_download_leaves_nothing(server, tmp_path, damage, words):
    damage(server)
    with pytest.raises(InputError, match=words):
        fetch_archive(server.url, tmp_path / "data", MANIFEST)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_checked_by_each_checksum_that_the_manifest_has(tmp_path):
    # `printf 'test content\\n' | git hash-object --stdin`, from the Git book, chapter 10.2
    assert CHECKSUMS["git_blob_sha1"][1](b"test content\n") == "d670460b4b4aece5915caf5c68d12f560a9fe3e4"
    (tmp_path / "a").write_bytes(b"test content\n")
    manifest = pd.DataFrame({"path": ["a"], "git_blob_sha1": ["d670460b4b4aece5915caf5c68d12f560a9fe3e4"]})
    both = manifest.assign(sha256=[None])
    for table in (manifest, both, both.assign(sha256=CHECKSUMS["sha256"][1](b"test content\n"))):
        assert check_files(tmp_path, table)["in_manifest"].tolist() == [True]
    (tmp_path / "a").write_bytes(b"other content")
    with pytest.raises(InputError, match="a: expected git blob id d670"):
        check_files(tmp_path, both)
    with pytest.raises(InputError, match="row of a: expected a checksum"):
        check_files(tmp_path, both.assign(git_blob_sha1=None))


def test_the_manifest_of_the_paper_knows_every_file_of_its_repository():
    manifest = pd.read_csv(MANIFEST_OF_THE_PAPER, sep="\t", dtype=str)
    assert len(manifest) == manifest["path"].nunique() == 260
    assert manifest["git_blob_sha1"].str.fullmatch("[0-9a-f]{40}").all()
    assert manifest["sha256"].dropna().str.fullmatch("[0-9a-f]{64}").all()


def test_the_manifest_of_the_paper_agrees_with_the_public_files(public_data):
    manifest = pd.read_csv(MANIFEST_OF_THE_PAPER, sep="\t", dtype=str)
    present = manifest[[name != "README.md" and (public_data / name).is_file() for name in manifest["path"]]]
    assert len(present) >= 116
    assert check_files(public_data, present)["in_manifest"].sum() == len(present)


def test_an_existing_folder_is_never_touched(server, tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match="exists already"):
        fetch_archive(server.url, tmp_path / "data", MANIFEST)


def test_no_server(tmp_path):
    with pytest.raises(InputError, match="cannot be downloaded"):
        fetch_archive("http://127.0.0.1:9/none.tar.gz", tmp_path / "data", MANIFEST)
