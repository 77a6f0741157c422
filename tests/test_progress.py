"""What a run tells: time left, open readings."""

import logging

from vhi.progress import TimeLeft, duration, open_readings_text


def test_durations_read_as_humans_say_them():
    assert [duration(s) for s in (1, 33, 70, 600, 7200)] == ["5 s", "35 s", "1 min", "10 min", "2.0 h"]


def test_the_time_left_follows_the_later_jobs():
    told, now = [], [0.0]
    left = TimeLeft(told.append, clock=lambda: now[0])

    def progress(done, seconds):
        now[0] = seconds
        record = logging.makeLogRecord({"done": done, "total": 40})
        assert left.filter(record)

    progress(1, 1)
    assert told == []  # not every job
    progress(10, 10)
    progress(20, 110)  # the later ten took ten seconds each
    assert told == ["20 jobs left, about 3 min"]
    progress(21, 112)
    assert len(told) == 1
    progress(40, 300)
    assert len(told) == 1  # nothing is left
    assert left.filter(logging.makeLogRecord({"msg": "no progress"}))


def test_open_readings_by_reader():
    waiting = [("a1", "R1", "1"), ("a2", "R1", "2"), ("a1", "R2", "1")]
    assert open_readings_text(waiting) == ["reader R1 has 2 open: a1, a2 (trial 2)", "reader R2 has 1 open: a1"]
    assert open_readings_text([]) == []
