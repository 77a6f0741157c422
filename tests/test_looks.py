"""Looks at test scans: counted, committed, and behind every test figure that the docs print."""

import re
from pathlib import Path

import pytest

from commands import record_look
from commands.record_look import COLUMNS, rows_of

ROOT = Path(__file__).parents[1]
PAGES = ("docs/training.md", "docs/model_card.md", "README.md")
OTHER = {
    "0.9173",
    "0.9170",
    "0.9194",
    "0.9206",
    "0.970",
    "0.974",
    "0.978",
    "0.950",
    "0.846",
    "0.856",
    "0.941",
    "0.850",
    "0.919",
}
"""Figures in the same paragraphs that are no test figures of ours: by cross-validation, of weights that have seen the scans, of single
slices, or the paper's."""


def figures_of_tests(text):
    """Dice in paragraphs about the test scans, and in the tables that follow them."""
    parts, about = text.split("\n\n"), False
    for part in parts:
        about = bool(re.search(r"test scans", part, re.I)) or (about and part.startswith("|"))
        if about:
            yield from re.findall(r"\b0\.[89]\d{2,3}\b", part)


@pytest.mark.parametrize("page", PAGES)
def test_every_test_figure_has_its_look(page):
    looks = rows_of(ROOT / "config" / "paper" / "test_looks.tsv")
    seen = " ".join(f"{row['mean_dice']} {row['mean_dice_averaged']}" for row in looks).split()
    known = OTHER | {f"{float(value):.{n}f}" for value in seen for n in (3, 4)}
    assert [figure for figure in figures_of_tests((ROOT / page).read_text()) if figure not in known] == []


def test_the_search_for_test_figures_finds_some():
    assert "0.9452" in list(figures_of_tests((ROOT / "docs" / "training.md").read_text()))
    assert list(figures_of_tests("On the test scans 0.991.\n\n| a | 0.877 |\n\nElse 0.912")) == ["0.991", "0.877"]


def test_new_looks_are_added_once(small_study, capsys):
    header = "evaluation date results networks subjects protocol steps members members_sha256 slices mean_dice min_dice max_dice"
    header += " mean_dice_averaged averaged"
    cells = "1 2026-11-26 small ensemble a1 fast 800 3 abc 24 0.91234 0.8 0.95 0.92345 mirrored"
    log = small_study.folder / "test_log.tsv"
    log.write_text("".join("\t".join(line.split()) + "\n" for line in (header, cells)))
    study = ["--study", str(small_study.folder)]
    with pytest.raises(SystemExit, match="WHY="):
        record_look.main(study)
    for expected in ("1 looks added", "0 looks added"):
        record_look.main([*study, "--why", "a test"])
        assert expected in capsys.readouterr().out
    rows = rows_of(small_study.folder / "test_looks.tsv")
    assert [tuple(row) for row in rows] == [COLUMNS]
    assert (rows[0]["look"], rows[0]["mean_dice"], rows[0]["what_for"]) == ("1", "0.9123", "a test")
