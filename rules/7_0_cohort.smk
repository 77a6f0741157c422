# 2.2, 2.3 Cohort: who took part, how they felt, and what the readers scored.
#
#   in   scores.tsv, sparcc_sheets.tsv, subjects.tsv, clinical.tsv (of the study's folder, or simulated)
#   out  7_0_cohort/sparcc.tsv             scan subject session reader sparcc source
#        7_0_cohort/characteristics.tsv    age, sex, HLA-B27, duration, drug; activity before and after; missing data
#        7_0_cohort/flow.tsv               how far the scans got
#        7_0_cohort/repeat_window.tsv      whether each follow-up was in time
#        7_0_cohort/activity.tsv           BASDAI and ASDAS of every assessment


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


rule cohort:
    input:
        code("7_0_cohort.py"),
        subjects=study_table("subjects"),
        clinical=study_table("clinical"),
        sparcc=sparcc_scores(),
    output:
        characteristics=report(
            "<results>/7_0_cohort/characteristics.tsv",
            category="7.0 Cohort",
            labels={"table": "Characteristics"},
            caption="captions/characteristics.rst",
        ),
        flow=report(
            "<results>/7_0_cohort/flow.tsv",
            category="7.0 Cohort",
            labels={"table": "Flow of scans"},
            caption="captions/flow.rst",
        ),
        window=report(
            "<results>/7_0_cohort/repeat_window.tsv",
            category="7.0 Cohort",
            labels={"table": "When scans were repeated"},
            caption="captions/repeat_window.rst",
        ),
        activity="<results>/7_0_cohort/activity.tsv",
    log:
        "<logs>/7_0_cohort.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        scans=scans_on_their_way(),
        readers=CONFIG["readers"],
        low_crp=CONFIG["clinical"]["low_crp"],
        weeks=CONFIG["clinical"]["repeat_weeks"],
        tolerance=CONFIG["clinical"]["repeat_tolerance_weeks"],
    message:
        "(2.2, 2.3) Cohort, disease activity, flow of scans"
    script:
        "../workflow_scripts/7_0_cohort.py"
