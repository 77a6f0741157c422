"""One test per tie to Snakemake's internals (rules/engine*.smk): its name says what broke when a new Snakemake comes."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import snakemake

from dry_run import planned
from small_study import SmallStudy

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("own_processes")  # as a user's runs


def engine():
    """Text of the file that holds the ties."""
    return (ROOT / "rules" / "engine.smk").read_text()


def test_version_is_bounded_on_both_sides():
    assert 'min_version("9.14")' in engine()
    assert snakemake.__version__.split(".")[0] == "9"


def test_ties_stand_in_two_files():
    """Nothing else under rules/ reaches into Snakemake."""
    for path in [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]:
        text = path.read_text()
        if path.stem not in ("engine", "engine_speed"):
            for inside in (
                "workflow._",
                "workflow.rules",
                "workflow.persistence",
                "ruleinfo",
                "snakemake.io",
                "is_flagged",
            ):
                assert inside not in text, f"{path.name}: {inside} belongs in engine.smk or engine_speed.smk"


@pytest.fixture(scope="module")
def batched(tmp_path_factory, snakemake):
    """The small study, run in batches, with a terminal of its own."""
    folder = tmp_path_factory.mktemp("engine")
    study = SmallStudy(folder / "small")
    done = snakemake(folder, "results/small/6_cleaning/R1/1/a1.nii.gz", study=study.folder, scans_per_job=2, check=True)
    return folder / "results" / "small", done.stdout + done.stderr


def test_ruleinfo_tells_what_a_rule_declares(batched):
    results, _ = batched
    assert (results / "logs" / "2_limits" / "batch-1.log").is_file()  # declared() and forget()
    assert (results / "2_threshold" / "a2.json").is_file()  # of the same batch, though nothing asked for it


def test_records_of_outputs_make_the_manifest(batched):
    results, _ = batched
    manifest = pd.read_csv(results / "manifest.tsv", sep="\t").set_index("path")
    assert manifest.loc["6_cleaning/R1/1/a1.nii.gz", "rule"] == "ingest_cleaned_mask_batch_1"  # record_of()


def test_the_terminal_is_filtered(batched):
    _, told = batched
    assert "Select jobs to execute" not in told  # tell_briefly()
    assert "jobs (VERBOSE=1 names each)" in told
    assert "(ii) Limits of 2 scans (a1 to a2)" not in told


def test_a_dry_run_is_not_filtered(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small").empty_files()
    assert "Job stats" in snakemake(tmp_path, "-n", study=study.folder, check=True).stdout


def test_every_rule_has_memory_and_time_without_any_profile(tmp_path):
    study = SmallStudy(tmp_path / "small").empty_files()
    (tmp_path / "Snakefile").write_text(
        f'include: "{ROOT}/Snakefile"\n\n'
        "lacking = [one.name for one in workflow.rules if not {'mem_mb', 'runtime'} <= set(one.resources)]\n"
        "print('lacking', lacking, 'third', growing(1500)(None, 3), file=sys.stderr)\n"
    )
    command = [sys.executable, "-m", "snakemake", "-n", "-c1", "--workflow-profile", "none"]
    done = subprocess.run([*command, "--config", f"study={study.folder}"], cwd=tmp_path, capture_output=True, text=True)
    assert "lacking [] third 4500" in done.stderr, done.stderr[-2000:]  # fill_in_resources() and growing()


def test_small_jobs_are_forked_from_a_process_with_libraries(tmp_path):
    study = SmallStudy(tmp_path / "small").empty_files()
    (tmp_path / "warm.py").write_text(
        "import sys, time\nlibrary = 'torch' if snakemake.rule == 'trains' else 'pandas'\n"
        "print(library in sys.modules, file=open(snakemake.output[0], 'w'))\ntime.sleep(0.7)\n"
    )
    (tmp_path / "Snakefile").write_text(
        f'include: "{ROOT}/Snakefile"\n\n'
        "rule warm:\n    output: '{n}.txt'\n    threads: lambda wildcards: 1 + (wildcards.n == '0')\n    script: 'warm.py'\n"
        f"rule trains:\n    output: '{{n}}.net'\n    conda: '{ROOT}/envs/unet.yaml'\n    threads: 2\n    script: 'warm.py'\n"
    )
    targets = [f"{n}.txt" for n in range(24)] + [f"{n}.net" for n in range(12)]
    command = [sys.executable, "-m", "snakemake", "-c2", "--workflow-profile", "none", *targets]
    done = subprocess.run([*command, "--config", f"study={study.folder}"], cwd=tmp_path, capture_output=True, text=True)
    said = [(tmp_path / target).read_text().strip() for target in targets]
    assert set(said[:24]) == set(said[24:]) == {"False", "True"}, done.stderr[-2000:]  # fork_small_jobs()
    assert said[0] == "False"  # of two threads


def test_a_start_does_not_import_pandas(tmp_path):
    study = SmallStudy(tmp_path / "small").empty_files()
    code = (
        "import sys\nfrom snakemake.cli import main\ntry:\n    main()\nfinally:\n    print('pandas' in sys.modules)\n"
    )
    command = [sys.executable, "-c", code, "-n", "-s", str(ROOT / "Snakefile"), "--config", f"study={study.folder}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False", done.stderr[-2000:]  # start_without_pandas()


def test_a_file_is_looked_up_once_and_never_where_a_batch_makes_it(tmp_path):
    study = SmallStudy(tmp_path / "small").empty_files()
    (tmp_path / "Snakefile").write_text(
        "import atexit\nfrom snakemake.output_index import OutputIndex\n\n"
        "search, seen = OutputIndex.match_producers, []\n"
        "OutputIndex.match_producers = lambda index, file: seen.append(str(file)) or search(index, file)\n"
        "atexit.register(lambda: print(*seen, sep='\\n'))\n"
        f'include: "{ROOT}/Snakefile"\n'
    )
    command = [sys.executable, "-m", "snakemake", "-n", "-c1", "--workflow-profile", "none", "all", "--config"]
    done = subprocess.run(
        [*command, f"study={study.folder}", "scans_per_job=2"], cwd=tmp_path, capture_output=True, text=True
    )
    seen = [line for line in done.stdout.splitlines() if line.startswith("results/")]
    assert "results/small/6_cleaning/measurements.tsv" in seen, done.stderr[-2000:]  # look_up_once()
    assert len(seen) == len(set(seen))
    assert "limits_batch_1" in done.stdout
    assert not any(path.startswith("results/small/2_threshold/") for path in seen)


def test_pages_are_made_in_batches_and_by_no_other_rule(small_study, snakemake, tmp_path):
    """The callable of an unpacked function (vhi.io.batches), and keep_only()."""
    study, pages = small_study.empty_files().folder, "scan_page cohort_page patient_summary pages"
    jobs = planned(snakemake(tmp_path, "-n", "pages", study=study, scans_per_job=2, check=True))
    assert {"scan_page_batch_1", "scan_page_batch_2", "patient_summary_batch_1", "limits_batch_1"} <= jobs.keys()
    alone = snakemake(tmp_path, "-n", "pages", study=study, scans_per_job=2, only=pages)
    said = alone.stdout + alone.stderr
    assert alone.returncode  # the limits that a page shows are of a rule that is gone
    assert "Missing input files for rule" in said
    assert "results/small/2_threshold/a1.json" in said
