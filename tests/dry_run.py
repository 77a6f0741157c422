"""What a dry run says."""


def planned(done):
    """Number of jobs per rule in the output of a dry run."""
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Job stats"))
    jobs = {}
    for line in lines[start + 3 :]:
        if not line.strip():
            break
        rule, count = line.split()
        jobs[rule] = int(count)
    return jobs
