# Memory that grows with the attempt: a job that was killed for want of it is given twice as much, then three times (`retries`).
#
#   in   mem_mb of every rule
#   out  the same, times the attempt; what a profile sets for a rule stands

from snakemake.resources import Resources


def growing(megabytes):
    """Memory of an attempt, from that of the first."""
    return lambda wildcards, attempt: attempt * megabytes


for given in workflow.rules:
    memory = given.resources.get("mem_mb")
    if memory and not memory.is_evaluable():
        given.resources.update(Resources.from_mapping({"mem_mb": growing(memory.value)}))
