"""What a run tells: time left, open readings."""

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from vhi.io.progress import Terminal, duration, open_readings_text, preliminary_text


def test_durations_read_as_humans_say_them():
    assert [duration(s) for s in (1, 33, 70, 600, 7200)] == ["5 s", "35 s", "1 min", "10 min", "2.0 h"]


@pytest.fixture
def terminal():
    """What a run's records come to on the terminal."""
    lines, now = [], [0.0]
    shown = Terminal(lines.append, clock=lambda: now[0])

    def tell(seconds=0, **record):
        now[0] = seconds
        if shown.filter(logging.makeLogRecord({"levelno": logging.INFO, **record})):
            lines.append(record["msg"])
        return lines

    return tell


def test_the_time_left_follows_the_later_jobs(terminal):
    def progress(done, seconds):
        return terminal(seconds, event=LogEvent.PROGRESS, done=done, total=40)

    assert progress(1, 1) == []  # not every job
    progress(10, 10)
    assert progress(20, 110) == ["20 of 40 jobs done, about 3 min left"]  # the later ten took ten seconds each
    assert len(progress(21, 112)) == 1
    assert len(progress(40, 300)) == 1  # nothing is left


def test_a_job_is_named_on_request_alone_and_snakemake_is_silent_about_itself(terminal):
    terminal(msg="Building DAG of jobs...")
    terminal(msg="Job stats: ...", event=LogEvent.RUN_INFO, stats={"one": 3, "total": 3})
    for _ in range(3):
        terminal(msg="Select jobs to execute...")
        terminal(msg="Execute 1 jobs...", event=LogEvent.JOB_STARTED)
        terminal(msg=None, event=LogEvent.JOB_INFO, rule_msg="(ii) Limits of a1")
        terminal(msg="Finished jobid: 3", event=LogEvent.JOB_FINISHED)
    assert terminal(msg="Results: x") == ["3 jobs (VERBOSE=1 names each)", "Results: x"]
    assert terminal(msg="Error in rule x", event=LogEvent.JOB_ERROR, levelno=logging.ERROR)[-1] == "Error in rule x"


def test_steps_are_named_with_verbose():
    lines = []
    record = logging.makeLogRecord(
        {"levelno": logging.INFO, "event": LogEvent.JOB_INFO, "rule_msg": "(ii) Limits of a1"}
    )
    assert not Terminal(lines.append, steps=True).filter(record)
    assert lines == ["(ii) Limits of a1"]


def test_on_a_terminal_one_line_counts_until_something_else_is_printed():
    lines, rewritten = [], []
    shown = Terminal(lines.append, rewrite=lambda line, over: rewritten.append((line, over)))

    def tell(**record):
        return shown.filter(logging.makeLogRecord({"levelno": logging.INFO, **record}))

    tell(event=LogEvent.JOB_INFO, rule_msg="(ii) Limits of a1")
    for done in (1, 2):
        tell(event=LogEvent.PROGRESS, done=done, total=3)
    assert tell(msg="Error in rule x", event=LogEvent.JOB_ERROR, levelno=logging.ERROR)
    tell(event=LogEvent.PROGRESS, done=3, total=3)
    assert [over for _, over in rewritten] == [False, True, False]
    assert rewritten[0][0].startswith("1 of 3 jobs done")
    assert rewritten[0][0].endswith(": (ii) Limits of a1")
    assert rewritten[2][0] == "3 of 3 jobs done"
    assert lines == []


def test_a_file_that_vanished_is_told_in_words(terminal):
    lines = terminal(
        levelno=logging.ERROR, event=LogEvent.ERROR, exception="WorkflowError",
        msg="WorkflowError:\nOSError: Missing files after 5 seconds. This might be due to filesystem latency. If that is the "
        "case, consider to increase the wait time with --latency-wait:\n"
        "results/x/2_threshold/a1.json (missing locally, parent dir contents: )",
    )  # fmt: skip
    (line,) = lines
    assert line.startswith(
        "ERROR: expected results/x/2_threshold/a1.json, found nothing there: removed, moved or renamed"
    )
    assert "latency" not in line


def test_a_full_disk_is_said_first_and_once(terminal):
    said = "Error recording metadata for finished job ([Errno 28] No space left on device)"
    lines = [*terminal(levelno=logging.ERROR, msg=said), *terminal(levelno=logging.ERROR, msg="Exiting")]
    assert lines[0] == "ERROR: the disk is full; free some space, and run again: what is done is kept"
    assert lines[1] == said
    assert sum("disk is full" in line for line in terminal(levelno=logging.ERROR, msg=said)) == 1


def test_how_many_scans_have_a_preliminary_segmentation():
    assert preliminary_text({"a": None, "b": "STIR missing", "c": "STIR missing"}) == [
        "1 of 3 scans have a preliminary segmentation: STIR missing", "STIR missing: b, c",
    ]  # fmt: skip
    assert preliminary_text({"a": None}) == ["1 of 1 scans have a preliminary segmentation"]


def test_open_readings_by_reader():
    waiting = [("a1", "R1", "1"), ("a2", "R1", "2"), ("a1", "R2", "1")]
    assert open_readings_text(waiting) == ["reader R1 has 2 open: a1, a2 (trial 2)", "reader R2 has 1 open: a1"]
    assert open_readings_text([]) == []
