"""Write files whole or not at all: beside first, then rename."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` if the block ends well, remove it if not.

    Parameters
    ----------
    path : str or Path
        The file to write. Its folder is made where it is missing.

    Yields
    ------
    Path
        A path in the same folder and with the same suffixes, so that writers that look at the suffix are content.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix="".join(path.suffixes[-2:]))
    os.close(descriptor)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_umask())
        os.replace(beside, path)
    except OSError as error:  # a full disk: name the file that was to be written
        if error.filename in (None, str(beside)):
            error.filename = str(path)
        raise
    finally:
        beside.unlink(missing_ok=True)


def write_json(path: str | Path, content: dict) -> None:
    """Write `content` as indented JSON, keys in the order given, NaN refused."""
    with replacing(path) as beside:
        beside.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: str | Path) -> dict:
    """Read a JSON file that the workflow wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
