# Batches: several scans per job (`scans_per_job`), so that Python and torch are not started anew for each of them.
#
#   in   what a rule takes for each scan of a batch
#   out  what the rule gives for each of them, in the same files
#
# A batch runs the script of its rule for one scan after the other, in one process. The rules of the steps know nothing of it.

for rule in batched_rules() if scans_per_job() > 1 else ():
    # Snakemake prefers a batch, whose outputs have no wildcard, to the rule of one scan. But it would try that one for each
    # file as well, which takes as long as to plan for single scans: 38 instead of 24 s for 2,000 of them.
    del workflow._rules[rule]

for batch in batches():

    rule:
        name:
            batch.name
        input:
            sorted({*code("batch.py"), *code(batch.script.name)}),
            script=str(batch.script),
            files=batch.inputs,
        output:
            batch.outputs,
        log:
            batch.log,
        conda:
            batch.conda
        threads: batch.threads
        resources:
            **batch.resources,
        params:
            **batch.params,
        message:
            batch.message
        script:
            "../workflow_scripts/batch.py"

    made = getattr(rules, batch.name).rule
    # Snakemake asks each batch for each of its files, and compiles a pattern per file to answer: a sixth of a large plan.
    made.is_producer = frozenset(map(str, made.products())).__contains__
    if is_report():
        made.name = batch.step  # one node in the graph of rules, not one per batch
