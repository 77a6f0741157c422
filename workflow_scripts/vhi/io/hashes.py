"""The hashes of the project: SHA-256 of content, of files and of lists of files, and git's own id of a file."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def sha256(content: bytes | str) -> str:
    """SHA-256 of bytes, or of text as UTF-8, in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def sha256_of_file(path: str | Path) -> str:
    """SHA-256 of a file of any size, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob_id(content: bytes) -> str:
    """Id of a file in any git repository that holds it (SHA-1 of a header and the content)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def checksum_lines(digests: Iterable[tuple[str, str]]) -> str:
    """Print (name, SHA-256) of files as `sha256sum` does, a line each: ``<sha256>  <name>``."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests)
