# One look at the queue per finished job, and no more.


def look_once_per_job():
    """Take away Snakemake's own limit of 100 jobs a second; one that was asked for (`max-jobs-per-timespan`) stays.

    To keep to it, Snakemake (seen in 9.27) sets a timer after each look at the queue for another look a second later, which
    sets a timer in its turn, and none of them ends: after 100 jobs it goes through the queue 100 times a second, for as long
    as others wait. No job here ends fast enough for the limit to matter.
    """
    scheduler = getattr(workflow, "scheduler", None)
    limit = getattr(scheduler, "job_rate_limiter", None)
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):  # the default
        scheduler.job_rate_limiter = None
