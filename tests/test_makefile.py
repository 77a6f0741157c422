"""What make does with a mistake: one line that helps, nothing written, nothing lost; and paths with spaces."""

import pytest

from checkouts import copied_checkout


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout on a path with spaces; gives a function that calls its make."""
    return copied_checkout(tmp_path)


def made(folder):
    """Files that a run would have made."""
    return [path for path in (folder / "results").rglob("*") if path.is_file()] if (folder / "results").exists() else []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "study=demo"], "study=... is no variable of this Makefile; write STUDY=demo."),
        (["run"], "ERROR: STUDY=NAME is missing: which study to run. Studies: demo paper simulated trial"),
        (["read", "STUDY=demo", "READER=R9"], "ERROR: unknown reader 'R9'; readers of study demo: R1, R2"),
        (["run", "STUDIE=demo"], "STUDIE=... is no variable of this Makefile. Known: "),
        (["index", "STUDY=mine"], "FROM=DIR is missing"),
        (["index", "FROM=/tmp"], "STUDY=NAME is missing"),
        (["packs", "STUDY=demo", "READER=R9"], "ERROR: unknown reader 'R9'; readers of study demo: R1, R2"),
        (["run", "STUDY=paper", "DATA=nowhere"], "ERROR: the data folder 'nowhere' of study paper does not exist"),
        (["read", "STUDY=paper", "READER=R1"], "ERROR: the data folder 'data/Bone_MRI' of study paper does not exist"),
        (["run", "STUDY=nobody"], "ERROR: no study 'nobody'"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(checkout, arguments, words):
    done = checkout(*arguments)
    assert done.returncode
    assert words in done.told
    for noise in ("Traceback", "Exception", "Wildcards", ".smk"):
        assert noise not in done.told
    assert not made(checkout.folder)


@pytest.mark.parametrize("dry", ["-n", "--dry-run", "-c1 -n", "-np"])
def test_a_dry_run_writes_nothing(checkout, dry):
    done = checkout("run", "STUDY=demo", f"ARGS={dry}")
    assert done.returncode == 0, done.told
    assert "Dry run: nothing was written" in done.told
    assert not made(checkout.folder)


@pytest.mark.slow
def test_every_target_works_on_a_path_with_spaces(whole_run):
    """The checkout, its studies and the study of `whole_run` have spaces in their names."""
    assert (whole_run.results / "report.html").is_file()
    assert (whole_run.results / "7_1_overlap" / "figure_4.png").is_file()
    for target in ("verify", "export", "crate", "packs"):
        done = whole_run.make(target, "CORES=2")
        assert done.returncode == 0, (target, done.told)
    for target in ("preliminary", "summaries", "report", "resume", "review"):
        done = whole_run.make(target, "CORES=2", "ARGS=-n")
        assert done.returncode == 0, (target, done.told)
    made = {path.name for path in whole_run.results.parent.iterdir()}  # with a variant of tests/test_workflow.py
    assert made - {"small study@conservative"} == {"small study"}
