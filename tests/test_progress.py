"""What a run tells: time left, open readings."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from vhi.io.progress import Terminal, duration, open_readings_text, preliminary_text
from vhi.io.terminal import CLEAR

ROOT = Path(__file__).parents[1]


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

    assert progress(1, 1) == []  # not every job: every tenth part of them
    assert progress(10, 10) == ["10 of 40 jobs done"]
    assert progress(20, 110)[1:] == ["20 of 40 jobs done, about 3 min left"]  # the later ten took ten seconds each
    assert len(progress(21, 112)) == 2
    assert progress(40, 300)[2:] == ["40 of 40 jobs done"]


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


@pytest.mark.parametrize("total", [7, 40, 1000])
def test_without_a_terminal_a_run_is_told_of_ten_times_at_most(total):
    lines = []
    shown = Terminal(lines.append)
    for done in range(1, total + 1):
        shown.filter(
            logging.makeLogRecord({"levelno": logging.INFO, "event": LogEvent.PROGRESS, "done": done, "total": total})
        )
    assert len(lines) == min(total, 10)


def test_on_a_terminal_one_line_counts_until_something_else_is_printed():
    lines, rewritten = [], []
    shown = Terminal(lines.append, rewrite=rewritten.append)

    def tell(**record):
        return shown.filter(logging.makeLogRecord({"levelno": logging.INFO, **record}))

    tell(event=LogEvent.JOB_INFO, rule_msg="(ii) Limits of a1")
    for done in (1, 2):
        tell(event=LogEvent.PROGRESS, done=done, total=3)
    assert tell(msg="Error in rule x", event=LogEvent.JOB_ERROR, levelno=logging.ERROR)
    assert rewritten.pop() == ""  # the line that counted is gone before the error stands there
    assert [line.startswith(f"{done} of 3 jobs done") for done, line in enumerate(rewritten, 1)] == [True, True]
    assert rewritten[0].endswith(": (ii) Limits of a1")
    tell(event=LogEvent.PROGRESS, done=3, total=3)
    assert lines == ["3 of 3 jobs done"]  # it stays


def test_lines_of_scripts_and_of_the_run_do_not_mix_on_a_terminal():
    """Seen through a pseudo-terminal: what counts leaves nothing behind when a script says something."""
    code = "from vhi.io.terminal import in_place, say; in_place('9 of 10 jobs done: a long line'); say('short'); in_place('x' * 500)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow_scripts"), "COLUMNS": "80"}
    reading, writing = os.openpty()
    subprocess.run([sys.executable, "-c", code], stderr=writing, env=environment, check=True)
    os.close(writing)
    seen = os.read(reading, 10_000).decode()
    os.close(reading)
    assert seen == f"{CLEAR}9 of 10 jobs done: a long line\r{CLEAR}short\r\n{CLEAR}{'x' * 79}\r"
    piped = subprocess.run(
        [sys.executable, "-c", code.split("; ", 2)[0] + "; say('short')"], capture_output=True, env=environment
    )
    assert piped.stderr == b"short\n"


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
