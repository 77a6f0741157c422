"""Write files whole or not at all: beside first, then rename."""

import filecmp
import json
import os
import shutil
import sys
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


@contextmanager
def replacing_folder(path: Path, former: Path) -> Iterator[Path]:
    """Give an empty folder beside `path` to fill; if the block ends well it takes the place of `path`, of which nothing is lost.

    A folder that holds all of the new files as they are stays, with whatever else was put into it. Any other is moved, whole,
    to `former`, under its name and a number.

    Parameters
    ----------
    path : Path
        The folder to make.
    former : Path
        Where what `path` held is kept.

    Yields
    ------
    Path
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".writing-{path.name}-*"):  # by a run that was killed
        shutil.rmtree(left)
    new = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".writing-{path.name}-"))
    try:
        yield new
        new.chmod(0o777 & ~_umask())
        names = [file.relative_to(new) for file in new.rglob("*") if file.is_file()]
        if filecmp.cmpfiles(path, new, names, shallow=False)[0] == names:
            return
        if path.is_dir() and any(path.iterdir()):
            former.mkdir(parents=True, exist_ok=True)
            numbers = (number for number in range(1, 10**6) if not (former / f"{path.name}-{number}").exists())
            kept = path.rename(former / f"{path.name}-{next(numbers)}")
            print(f"{path} is made anew; what it held is kept in {kept}", file=sys.stderr)
        new.replace(path)  # an empty folder in its place is replaced
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: str | Path, content: dict) -> None:
    """Write `content` as indented JSON, keys in the order given, NaN refused."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | Path) -> dict:
    """Read a JSON file that the workflow wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
