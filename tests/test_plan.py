"""The plan of a study, without Snakemake: how far each scan and reading gets, which files that makes, what the targets are."""

from pathlib import Path

import pytest

from small_study import SmallStudy, table
from vhi.io.errors import InputError
from vhi.study.by_scan import ByScan
from vhi.study.load import load_study
from vhi.study.plan import Plan
from vhi.study.words import Words

ROOT = Path(__file__).parents[1]
TRAINED = {"source": "trained", "threads": 1}


def test_items_of_scans_come_in_their_order_among_all():
    items = ByScan([("b", 1), ("a", 2), ("b", 3), ("c", 4)])
    assert items.of(["c", "b"]) == [1, 3, 4]
    assert items.of(["d"]) == items.of([]) == []


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The files of the small study, of zero bytes, made once."""
    return SmallStudy(tmp_path_factory.mktemp("plan") / "small").empty_files().data


class Cohort(SmallStudy):
    """The small study over files that are there already."""

    def __init__(self, folder, files):
        self.folder, self.data = folder / "small", files
        self.folder.mkdir()
        self.rows()

    def plan(self, **asked):
        """Plan of the study as it stands."""
        return Plan(load_study(ROOT, str(self.write().folder), self.variant), ROOT, asked)

    variant = ""


@pytest.fixture
def cohort(tmp_path, files, monkeypatch):
    """A cohort of three scans: A before and after treatment, B with a T1w alone."""
    monkeypatch.chdir(tmp_path)
    return Cohort(tmp_path, files)


def names(targets, folder):
    """Names of the targets in a folder of results."""
    return [Path(path).name for path in targets if path.startswith(f"<results>/{folder}/")]


def test_a_complete_cohort(cohort):
    plan = cohort.plan()
    assert list(plan.measurable) == ["a1", "a2"]
    assert plan.with_region == ["a1", "a2", "b1"]
    assert plan.cleaned_readings == [("a1", "R1", "1"), ("a1", "R2", "1")]
    assert {"figure_4.png", "figure_5.png", "medians.tsv"} == set(names(plan.targets, "7_1_overlap"))
    assert plan.segmentable == []  # the study names no network


def test_limits_without_a_patch(cohort):
    cohort.config["limits"] = {"rule": "disease_region"}
    cohort.scans[1][5] = None  # a2 has no patch
    plan = cohort.plan()
    assert list(plan.measurable) == ["a1", "a2"]
    assert plan.mask_of_limits("a2") == "<results>/3b_disease_region/a2.nii.gz"
    assert plan.page_inputs("a2")["marrow"] == []
    assert plan.page_inputs("a2")["limits"] == "<results>/2_threshold/a2.json"
    assert plan.excluded_marrow(["a1", "a2"]) == []


def test_limits_of_a_scan_whose_shading_is_corrected(cohort):
    assert cohort.plan().stir_of_limits("a1").endswith("a1_STIR.nii.gz")
    cohort.config["limits"] = {"shading": "n4"}
    assert cohort.plan().stir_of_limits("a1") == "<results>/2_threshold/a1_unshaded.nii.gz"


def test_a_scan_that_repeats_another_is_no_visit(cohort):
    cohort.scan_columns = [*cohort.scan_columns, "repeat"]
    cohort.scans = [[*row, None] for row in cohort.scans] + [["a1_2", *cohort.scans[0][1:], 2]]
    cohort.readings += [["a1_2", *row[1:]] for row in cohort.readings if row[0] == "a1" and row[3] == "semiautomatic"]
    plan = cohort.plan()
    assert "a1_2" in plan.measurable
    assert "a1_2" not in plan.visits
    assert "a1_2" not in plan.shown_scans
    assert "repeatability.tsv" in names(plan.targets, "6_cleaning")


def test_a_missing_session(cohort):
    cohort.scans = [row for row in cohort.scans if row[0] != "a2"]
    cohort.readings = [row for row in cohort.readings if row[0] != "a2"]
    plan = cohort.plan()
    assert list(plan.measurable) == ["a1"]
    assert not plan.has_change
    assert names(plan.targets, "7_3_responsiveness") == []


def test_one_reader_only(cohort):
    cohort.readings = [row for row in cohort.readings if row[1] == "R1"]
    plan = cohort.plan()
    assert plan.cleaning_readers == ["R1"]
    assert names(plan.targets, "7_4_disagreement") == []  # nobody to differ from
    assert plan.detectable_change == []
    assert plan.targets_of_notebooks == ["<results>/notebooks/walkthrough.html"]


def test_no_stir_at_all_ends_with_the_disease_region(cohort):
    for row in cohort.scans:
        row[4] = None
    cohort.readings = []
    plan = cohort.plan()
    assert not plan.measurable
    assert not plan.limited
    assert plan.preliminary_segmentations == [
        f"<results>/3b_disease_region/{scan}.nii.gz" for scan in ("a1", "a2", "b1")
    ]
    assert names(plan.targets, "cohort") == ["characteristics.tsv"]  # who took part is known without a reading
    assert names(plan.targets, "6_cleaning") == []


def test_a_missing_stir_ends_one_scan(cohort):
    assert cohort.plan().page_inputs("b1") == {
        "region": "<results>/3b_disease_region/b1.nii.gz", "cleaned": [],
        **{name: [] for name in ("stir", "marrow", "probability", "intensities", "limits", "preliminary", "stability")},
        "quality": [], "uncertainty": [], "joints": [],
    }  # fmt: skip


def test_no_marrow(cohort):
    cohort.scans[1][5] = None
    cohort.readings = cohort.readings[:6]
    plan = cohort.plan()
    assert list(plan.measurable) == ["a1"]
    assert plan.scans_on_their_way[1]["normal marrow"] is False


def test_a_cleaned_reading_without_marrow_is_refused(cohort):
    cohort.scans[0][5] = None
    with pytest.raises(InputError, match="reading of scan a1 by R1 needs normal_marrow"):
        cohort.plan()


def test_an_open_reading_waits_for_the_normal_marrow(cohort):
    cohort.scans[0][5], cohort.readings = None, [["a1", "R1", 1, "semiautomatic", None, None]]
    plan = cohort.plan()
    assert (plan.open_readings, plan.marrow_scans) == ([("a1", "R1", "1", "semiautomatic")], ["a1"])
    assert not [path for path in plan.targets if "6_cleaning" in path]
    assert "<results>/6b_reading_room/marrow/reading_list.tsv" in plan.targets_of_read
    assert not any("packs" in path for path in plan.targets_of_read)


def test_a_corrected_region_wins(cohort):
    cohort.scans[0][7] = "b1_region.nii.gz"
    plan = cohort.plan()
    assert plan.chosen_region("a1") == ("corrected", str(cohort.data / "b1_region.nii.gz"))
    assert plan.chosen_region_file("a1") == "b1_region.nii.gz"
    assert plan.chosen_region("a2")[0] == "manual"


def test_networks_come_before_drawn_regions_where_the_config_says_so(cohort):
    cohort.config |= {"disease_region": {"source": "ensemble"}, "ensemble": TRAINED}
    plan = cohort.plan()
    assert plan.chosen_region("a1") == ("ensemble", "<results>/3b_disease_region/ensemble/a1.nii.gz")
    assert plan.chosen_region_file("a1") is None


def test_a_reading_without_any_disease_region_is_refused(cohort):
    cohort.scans[0][6] = None
    with pytest.raises(InputError, match="row 6: the reading of scan a1 by R1 needs a disease region"):
        cohort.plan().targets  # noqa: B018


def test_an_open_reading_stops_the_statistics_and_nothing_else(cohort):
    cohort.readings[-1][-1] = None
    plan = cohort.plan()
    assert plan.open_readings == [("a2", "R2", "1", "semiautomatic")]
    assert not plan.all_read
    assert plan.targets_of_statistics == []
    assert names(plan.targets, "6_cleaning") == ["a1.nii.gz", "a1.nii.gz"]  # what is handed in is checked at once
    assert len(names(plan.targets, "5_small_regions")) == 2 * 2 + 1


def test_preliminary_asks_for_no_reading(cohort):
    assert not [path for path in cohort.plan().preliminary_segmentations if "6_cleaning" in path]


def test_a_published_count_is_a_reading_without_a_mask(cohort):
    plan = cohort.plan()
    counted = [row for row in plan.reading_rows if row["scan"] == "a2"]
    assert [(row["vhi_voxels"], row["has_mask"]) for row in counted] == [(100, False), (90, False)]
    assert plan.compared_readings.keys() == {("a1", "R1"), ("a1", "R2")}


def test_manual_trials_are_measured_as_they_are_drawn(cohort):
    plan = cohort.plan()
    assert str(cohort.data / "a1_R12.nii.gz") in plan.reading_masks
    assert "<results>/6_cleaning/R2/1/a1.nii.gz" in plan.reading_masks
    assert len(plan.reading_masks) == 6


def test_trained_networks(cohort):
    cohort.config["ensemble"] = TRAINED
    plan = cohort.plan()
    assert plan.segmentable == ["a1", "a2", "b1"]
    assert plan.ensemble_members[0] == "<results>/3a_unet_training/selected/all/run-1_seed-2024/weights.safetensors"
    assert plan.annotated_subjects("train", "test") == ["A"]
    assert plan.test_scans == ["a2"]
    assert plan.test_dice_table == "<results>/3a_unet_training/trained_test_dice.tsv"
    assert plan.tested_region("a2") == "<results>/3a_unet_training/test_regions/a2.nii.gz"
    assert {"ensemble.tsv", "quality.tsv", "figure_failure.png"} <= set(names(plan.targets, "3b_disease_region"))


@pytest.mark.parametrize(
    ("training", "weak"),
    [
        ({"protocol": "robust"}, [350, 700, 1400]),
        ({"protocol": "fast"}, [350, 700]),
        ({"protocol": "paper"}, [350, 700, 1400]),
        ({"protocol": "fast", "steps": 800}, []),
    ],
)
def test_long_trainings_keep_weak_networks(cohort, training, weak):
    cohort.config |= {"ensemble": TRAINED, "training": training | {"folds": 2}}
    plan = cohort.plan()
    assert plan.weak_lengths == weak
    assert plan.weak_networks == [
        f"{folder}/weak-{steps}.safetensors" for folder in plan.fold_trainings for steps in weak
    ]


def test_the_grid_of_the_search(cohort):
    cohort.config |= {
        "ensemble": TRAINED,
        "training": {"protocol": "paper", "levels": [2, 4], "kernels": [3], "folds": 2},
    }
    plan = cohort.plan()
    assert plan.settings == ["levels-2_kernel-3", "levels-4_kernel-3"]
    assert len(plan.fold_trainings) == 4
    assert plan.whole_protocol("selected.json") == []  # a part of the grid is no result of the protocol


def test_a_fold_that_does_not_exist_is_refused(cohort):
    cohort.config |= {"ensemble": TRAINED, "training": {"protocol": "paper", "folds": 2, "tried_folds": [3]}}
    with pytest.raises(InputError, match="expected folds from 1 to 2"):
        cohort.plan().fold_trainings  # noqa: B018


def test_one_subject_cannot_be_left_out(cohort):
    cohort.config["ensemble"] = TRAINED
    with pytest.raises(InputError, match="annotate a second subject"):
        cohort.plan().targets_of_leave_one_out  # noqa: B018


def test_networks_from_files_are_not_trained(cohort):
    for target in ("targets_of_training", "targets_of_release", "targets_of_leave_one_out"):
        with pytest.raises(InputError, match="takes its networks from files"):
            getattr(cohort.plan(), target)


def test_marrow_is_proposed_where_it_is_absent(cohort):
    cohort.scans[1][5] = None
    cohort.config["normal_marrow"] = {"source": "proposed_where_absent"}
    plan = cohort.plan()
    assert plan.scans["a2"]["normal_marrow"] == "results/small/1_normal_bone/proposed/a2.nii.gz"
    assert plan.with_drawn_marrow == ["a1"]
    with pytest.raises(InputError, match="at least 2 subjects to learn from, found 1"):
        plan.targets_of_marrow  # noqa: B018


def test_scores_bring_the_relation_and_the_responders(cohort):
    assert cohort.plan().sparcc_scores == []
    plan = cohort.add_scores().plan()
    assert plan.sparcc_scores == "<results>/cohort/sparcc.tsv"
    assert "figure_6.png" in names(plan.targets, "7_2_agreement")
    assert {"responders.tsv", "change_regression.tsv"} <= set(names(plan.targets, "7_3_responsiveness"))


def test_packs_are_made_of_the_readers_that_are_asked_for(cohort):
    assert len(cohort.plan().targets_of_packs) == 2
    assert cohort.plan(reader="R2").targets_of_packs == ["<results>/6b_reading_room/packs/R2/reading_list.tsv"]
    with pytest.raises(InputError, match="unknown reader 'R9'; readers of study small: R1, R2"):
        cohort.plan(reader="R9").targets_of_packs  # noqa: B018


def test_packs_without_anything_to_read_are_refused(cohort):
    cohort.readings = cohort.readings[:4]
    with pytest.raises(InputError, match="expected a semi-automatic reading by R1 of a scan"):
        cohort.plan().scans_of_packs("R1")


def test_the_figures_show_what_the_config_names(cohort):
    cohort.config["figures"] = {"example_scans": ["a2"], "example_subject": "A"}
    assert cohort.plan().shown_scans == ["a1", "a2"]
    cohort.config["figures"]["example_scans"] = ["b1"]
    with pytest.raises(InputError, match="no picture of 'b1'; known: a1, a2"):
        cohort.plan().shown_scans  # noqa: B018


def test_a_subject_is_shown_before_and_after(cohort):
    assert cohort.plan().followed_up(cohort.plan().shown_scans)
    cohort.scans[1][2] = "pre"
    cohort.scans[1][1] = "C"
    assert not cohort.plan().followed_up(cohort.plan().shown_scans)


def test_jobs_run_together_by_the_number_that_the_command_line_gives(cohort):
    assert cohort.plan().batched["limits"] == [{"scan": "a1"}, {"scan": "a2"}]
    assert cohort.plan(scans_per_job=7).scans_per_job == 7
    with pytest.raises(InputError, match="scans_per_job=0: expected a whole number from 1"):
        cohort.plan(scans_per_job=0).scans_per_job  # noqa: B018


def test_many_scans_are_named_by_their_shapes(cohort):
    assert cohort.plan().scan_names == "a1|a2|b1"
    cohort.scans = [[f"s{n:03}_pre", f"s{n}", "pre", "a1_T1W.nii.gz", *[None] * 4, "apply"] for n in range(200)]
    cohort.readings = []
    assert cohort.plan().scan_names == "s[0-9]+_pre"


def test_a_data_folder_that_is_not_there_is_refused(cohort, tmp_path):
    cohort.config |= {"absent_files": "report", "data": str(tmp_path / "nowhere")}
    cohort.readings = []
    table(cohort.folder / "scans.tsv", cohort.scan_columns, cohort.scans)
    with pytest.raises(InputError, match=r"nowhere|at least one scan"):
        cohort.plan().targets  # noqa: B018


def test_what_is_handed_in_is_listed_by_role(cohort):
    found = {name: role for role, name, _ in cohort.plan().outside_files}
    assert found["a1_STIR.nii.gz"] == "input"
    assert found["scans.tsv"] == found["config.yaml"] == "study"


def test_sessions_by_other_names_are_refused_by_name(cohort):
    cohort.scans[0][2] = "week 12"
    with pytest.raises(InputError, match="column 'session': found 'week 12'"):
        cohort.plan()


def test_the_primary_visit_is_a_later_one_even_where_no_scan_has_one(cohort):
    for row in cohort.scans:
        row[2] = "pre"
    cohort.scans[:] = list({row[1]: row for row in cohort.scans}.values())  # one scan per subject
    cohort.readings = []
    plan = cohort.plan()
    assert (plan.sessions, plan.primary_session) == (["pre"], "post")


def test_a_share_of_the_open_readings_is_read_twice(cohort):
    scans = [f"c{n}" for n in range(20)]
    cohort.scans = [[scan, f"S{n}", "pre", *cohort.scans[0][3:]] for n, scan in enumerate(scans)]
    cohort.readings = [[scan, reader, 1, "semiautomatic", None, None] for scan in scans for reader in ("R1", "R2")]
    assert not cohort.plan().has_repeats
    cohort.config["reading_room"] = {"repeats": 0.2}
    plan = cohort.plan()
    twice = {reader: [scan for scan, trial in plan.readings_of(reader) if trial == 2] for reader in ("R1", "R2")}
    assert [len(of_reader) for of_reader in twice.values()] == [4, 4]
    assert twice["R1"] != twice["R2"]
    assert cohort.plan().readings_of("R1") == plan.readings_of("R1")
    cohort.readings[0][5] = 100  # a count stands in: not open
    assert sum(trial == 2 for _, trial in cohort.plan().readings_of("R1")) == 4
    key = cohort.folder / "records" / "_key" / "R1.tsv"
    key.parent.mkdir(parents=True)
    other = next(scan for scan in scans[1:] if scan not in twice["R1"])
    key.write_text(f"pack\tcode\treader\ttrial\tscan\tpreliminary\n{'a' * 32}\t21\tR1\t2\t{other}\tp\n")
    assert (other, 2) in cohort.plan().readings_of("R1")  # read already: it stays
    cohort.config["reading_room"] = {"repeats": 0.6}
    with pytest.raises(InputError, match="repeats"):
        cohort.plan()


@pytest.mark.parametrize(
    ("waiting", "missing", "said"),
    [
        ([("a1", "R2", "1", "semiautomatic")], 3, "Next: make read STUDY=demo READER=R2 (1 readings are open)"),
        ([], 3, "Next: make run STUDY=demo (3 results are missing)"),
        ([], 0, "Next: make manuscript STUDY=demo writes the study as an article"),
    ],
)
def test_a_report_ends_with_the_next_command(monkeypatch, waiting, missing, said):
    monkeypatch.setattr(Plan, "open_readings", waiting)
    assert Words(Plan(load_study(ROOT, "demo"), ROOT), print, set).following(missing) == said


def test_an_unknown_reader_is_refused_for_every_task_of_the_reading_room():
    def refuse(text):
        raise InputError(text)

    plan = Plan(load_study(ROOT, "demo"), ROOT, {"reader": "R9"}, refuse)
    for targets in ("targets_of_packs", "targets_of_read"):
        with pytest.raises(InputError, match="unknown reader 'R9'; readers of study demo: R1, R2"):
            getattr(plan, targets)
