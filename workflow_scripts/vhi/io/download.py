"""Download an archive of scans and check every file before it is used."""

import shutil
import tarfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pandas as pd

from vhi.io.errors import InputError
from vhi.io.files import replacing
from vhi.io.hashes import git_blob_id, sha256, sha256_of_file

CHECKSUMS = {"sha256": ("SHA-256", sha256), "git_blob_sha1": ("git blob id", git_blob_id)}
"""Columns of a manifest with a checksum: name and function. Any listing of a git repository knows a file by its blob id."""


def fetch_archive(url: str, folder: str | Path, manifest: pd.DataFrame) -> pd.DataFrame:
    """Download a gzipped tar archive, check it against a manifest, and put its content into a new folder.

    The folder appears only when every file of the manifest is there and right; until then nothing of it is visible.

    Parameters
    ----------
    url : str
        Archive with one folder at its top (as GitHub makes them).
    folder : str or Path
        Where its content goes; must not exist.
    manifest : DataFrame
        As for `check_files`, paths relative to the archive's top folder.

    Returns
    -------
    DataFrame
        One row per file, ``path sha256 bytes in_manifest``.

    Raises
    ------
    InputError
        If the folder exists, the address does not answer, or a file is absent or differs.
    """
    folder = Path(folder)
    if folder.exists():
        raise InputError(f"{folder}: exists already; nothing was downloaded. Use it, or move it away first")
    work = folder.with_name(folder.name + ".download")
    shutil.rmtree(work, ignore_errors=True)  # what an interrupted download left
    work.mkdir(parents=True)
    try:
        archive = work / "archive.tar.gz"
        _download(url, archive, "pass DATA=DIR of a copy")
        top = _extract(archive, url, work / "content")
        checked = check_files(top, manifest)
        top.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return checked


def fetch_file(url: str, path: str | Path, sha256: str) -> None:
    """Download one file and check it; the file appears only where its SHA-256 is as expected (else `InputError`).

    A copy that was brought by hand, ``<path>.copy``, is taken in place of the download, and checked alike.
    """
    brought = Path(f"{path}.copy")
    url = brought.absolute().as_uri() if brought.is_file() else url
    with replacing(path) as beside:
        _download(url, beside, by_hand(url, path, sha256))
        digest = sha256_of_file(beside)
        if digest != sha256:
            raise InputError(
                f"{url}: expected SHA-256 {sha256}, found {digest}: damaged on the way, or another version; run again"
                f"{f' with another copy in {brought}' if brought.is_file() else ''}, or correct ensembles.yaml"
            )


def by_hand(url: str, path: str | Path, sha256: str) -> str:
    """Say how a file gets to a computer without network, and that it is checked there."""
    return (
        f"on a computer without network: fetch {url} elsewhere, save it as {Path(path).absolute()}.copy, and run again; its SHA-256 "
        f"must be {sha256} and is checked (docs/offline.md)"
    )


def check_files(folder: Path, manifest: pd.DataFrame) -> pd.DataFrame:
    """Compare the files of a folder with a manifest.

    Parameters
    ----------
    folder : Path
    manifest : DataFrame
        Columns ``path`` and ``sha256``, ``git_blob_sha1`` or both: a file is checked by each checksum that its row has.

    Returns
    -------
    DataFrame
        One row per file of the folder, ``path sha256 bytes in_manifest``.

    Raises
    ------
    InputError
        At the first file that is absent or differs, or a row of the manifest without any checksum.
    """
    checksums = manifest.reindex(columns=CHECKSUMS).astype(object).set_axis(manifest["path"])
    unchecked = checksums.index[checksums.isna().all(axis=1)]
    if len(unchecked):
        raise InputError(
            f"the manifest's row of {unchecked[0]}: expected a checksum ({' or '.join(CHECKSUMS)}), found none; add it"
        )
    expected = checksums.to_dict("index")
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    rows = []
    for name, path in found.items():
        content = path.read_bytes()
        is_now = {column: of(content) for column, (_, of) in CHECKSUMS.items()}
        for column, value in expected.get(name, {}).items():
            if pd.notna(value) and value != is_now[column]:
                raise InputError(
                    f"{name}: expected {CHECKSUMS[column][0]} {value}, found {is_now[column]}: damaged on the way, or "
                    "another version; download again"
                )
        rows.append((name, is_now["sha256"], len(content), name in expected))
    absent = [name for name in expected if name not in found]
    if absent:
        raise InputError(
            f"the archive lacks {len(absent)} of {len(expected)} files of the manifest, first {absent[0]}: is it the "
            "pinned version?"
        )
    return pd.DataFrame(rows, columns=["path", "sha256", "bytes", "in_manifest"])


def _download(url: str, path: Path, otherwise: str) -> None:
    import pooch

    try:
        if url.startswith("file:"):
            shutil.copyfile(url2pathname(urlsplit(url).path), path)
        else:
            as_it_is = {"Accept-Encoding": "identity"}  # else an archive may come unpacked
            pooch.HTTPDownloader(progressbar=True, chunk_size=1 << 20, timeout=60, headers=as_it_is)(url, path, None)
    except (OSError, ValueError) as error:  # those of requests are among them
        raise InputError(
            f"{url}: cannot be downloaded, or broke off ({error}); check the network and run again, or {otherwise}"
        ) from error


def _extract(archive: Path, url: str, folder: Path) -> Path:
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, filter="data")  # refuses absolute paths and links that lead outside
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise InputError(f"{url}: not a whole gzipped tar archive ({error}); run again") from error
    tops = list(folder.iterdir())
    if len(tops) != 1 or not tops[0].is_dir():
        raise InputError(f"{url}: expected one folder at the archive's top, found {len(tops)} entries")
    return tops[0]
