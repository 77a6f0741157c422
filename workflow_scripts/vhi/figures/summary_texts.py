"""Texts of the page of a subject (``templates/summary_texts.tsv``): a row for each text, a column for each language."""

from functools import cache
from pathlib import Path

from vhi.io.tables import read_rows

LANGUAGES = ("en", "de", "es")


@cache
def texts(language: str) -> dict[str, str]:
    """Give the texts of a language by their key.

    Examples
    --------
    >>> texts("de")["after"]
    'Nach der Behandlung'
    """
    path = Path(__file__).parent / "templates" / "summary_texts.tsv"
    return {row["key"]: row[language] for row in read_rows(path, ("key", *LANGUAGES))}


def number(value: float, form: str, language: str) -> str:
    """Print a number, with the signs of a language for decimals and thousands.

    Examples
    --------
    >>> number(-1234.5, "+,.1f", "de")
    '-1.234,5'
    """
    say = texts(language)
    return format(value, form).translate(str.maketrans({".": say["decimal"], ",": say["thousands"]}))
