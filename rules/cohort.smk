# 2.2, 2.3 Cohort: who took part, how they felt, and what the readers scored.
#
#   in   scores.tsv, sparcc_sheets.tsv, subjects.tsv, clinical.tsv (of the study's folder, or simulated)
#   out  cohort/sparcc.tsv             scan subject session reader sparcc source
#        cohort/characteristics.tsv    age, sex, HLA-B27, duration, drug; activity before and after; missing data
#        cohort/flow.tsv               how far the scans got
#        cohort/repeat_window.tsv      whether each follow-up was in time
#        cohort/activity.tsv           BASDAI and ASDAS of every assessment


rule sparcc:
    input:
        code("sparcc.py"),
        scores=PLAN.study_table("scores"),
        sheets=PLAN.study_table("sparcc_sheets"),
        made=PLAN.sparcc_made,
    output:
        shown("cohort/sparcc.tsv", "SPARCC of every scan and reader"),
    log:
        "<logs>/sparcc.log",
    conda:
        "../envs/statistics.yaml"
    params:
        scans=PLAN.scan_rows(PLAN.visits, "subject", "session"),
    message:
        "(2.7.2) SPARCC scores, checked and summed"
    script:
        "../workflow_scripts/sparcc.py"


rule cohort:
    input:
        code("cohort.py"),
        subjects=PLAN.study_table("subjects"),
        clinical=PLAN.study_table("clinical"),
        sparcc=PLAN.sparcc_scores,
    output:
        characteristics=shown("cohort/characteristics.tsv", "Characteristics"),
        flow=shown("cohort/flow.tsv", "Flow of scans"),
        window=shown("cohort/repeat_window.tsv", "When scans were repeated"),
        activity="<results>/cohort/activity.tsv",
    log:
        "<logs>/cohort.log",
    conda:
        "../envs/statistics.yaml"
    params:
        scans=PLAN.scans_on_their_way,
        sessions=PLAN.sessions,
        followed=PLAN.primary_session,
        readers=CONFIG["readers"],
        low_crp=CONFIG["clinical"]["low_crp"],
        weeks=CONFIG["clinical"]["repeat_weeks"],
        tolerance=CONFIG["clinical"]["repeat_tolerance_weeks"],
    message:
        "(2.2, 2.3) Cohort, disease activity, flow of scans"
    script:
        "../workflow_scripts/cohort.py"
