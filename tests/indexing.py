"""The command that makes a study of files, called as make does."""

import contextlib
import io
from pathlib import Path

import pytest

from commands import index_cohort


def index(folder, *arguments, ok=True):
    """Run the command as make does, in a folder of its own; gives what it prints, or how it ends."""
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        if ok:
            index_cohort.main([*map(str, arguments), "--yes"])
            return out.getvalue()
        with pytest.raises(SystemExit) as told:
            index_cohort.main([*map(str, arguments), "--yes"])
    assert str(told.value).startswith("ERROR: ")
    assert "\n" not in str(told.value)
    return str(told.value)


def table_of(path):
    lines = [line.split("\t") for line in Path(path).read_text().splitlines() if line and not line.startswith("#")]
    return [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
