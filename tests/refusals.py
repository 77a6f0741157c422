"""Studies that are read, and studies that are refused with the words that help."""

from pathlib import Path

import pytest

from vhi.io.errors import InputError
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]


def load(study, **options):
    return load_study(ROOT, str(study.folder), **options)


def refused(study, *words, **options):
    with pytest.raises(InputError) as told:
        load(study, **options)
    for word in words:
        assert word in str(told.value), str(told.value)
