# 2.2, 2.3 Cohort: who took part, how they felt, and what the readers scored.
#
#   in   scores.tsv, sparcc_sheets.tsv (of the study's folder, or simulated)
#   out  7_0_cohort/sparcc.tsv    scan subject session reader sparcc source


rule sparcc:
    input:
        code("7_0_sparcc.py"),
        scores=study_table("scores"),
        sheets=study_table("sparcc_sheets"),
    output:
        report(
            "<results>/7_0_cohort/sparcc.tsv",
            category="7.0 Cohort",
            labels={"table": "SPARCC of every scan and reader"},
            caption="captions/sparcc.rst",
        ),
    log:
        "<logs>/7_0_sparcc.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        scans=subjects_of_scans(),
    message:
        "(2.7.2) SPARCC scores, checked and summed"
    script:
        "../workflow_scripts/7_0_sparcc.py"
