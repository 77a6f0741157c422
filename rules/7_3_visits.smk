# 2.7.3 Visits, arms and sites: change over all visits, and a mixed model of all readings.
#
#   in   7_3_responsiveness/change_by_visit.tsv, 7_2_agreement/values.tsv
#   out  7_3_responsiveness/figure_visits.*      mean change over the visits, by arm
#        7_3_responsiveness/mixed_model.tsv      log V_HI by visit, arm, site and reader
#        7_3_responsiveness/reader_drift.tsv     V_HI of each reader over the order of reading, where it is known


rule figure_visits:
    input:
        code("7_3_figure_visits.py"),
        by_visit="<results>/7_3_responsiveness/change_by_visit.tsv",
    output:
        *drawn("7_3_responsiveness/figure_visits", "Change from the first visit to each other"),
    log:
        "<logs>/7_3_figure_visits.log",
    conda:
        "../envs/figures.yaml"
    params:
        sessions=PLAN.sessions,
        simulated=CONFIG["simulated"],
    message:
        "(2.7.3) Change from the first visit to each other"
    script:
        "../workflow_scripts/7_3_figure_visits.py"


rule mixed_model:
    input:
        code("7_3_mixed_model.py"),
        values="<results>/7_2_agreement/values.tsv",
    output:
        shown("7_3_responsiveness/mixed_model.tsv", "Mixed model of V_HI over time"),
    log:
        "<logs>/7_3_mixed_model.log",
    conda:
        "../envs/statistics.yaml"
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        sessions=PLAN.sessions,
        arms=PLAN.arms,
        sites=PLAN.sites,
    message:
        "(2.7.3) Mixed model of V_HI over time"
    script:
        "../workflow_scripts/7_3_mixed_model.py"


rule reader_drift:
    input:
        code("7_3_reader_drift.py"),
        values="<results>/7_2_agreement/values.tsv",
    output:
        shown("7_3_responsiveness/reader_drift.tsv", "Readers over their order of reading"),
    log:
        "<logs>/7_3_reader_drift.log",
    conda:
        "../envs/statistics.yaml"
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        order=PLAN.reading_order,
    message:
        "(2.7.3) Whether readers change over their order of reading"
    script:
        "../workflow_scripts/7_3_reader_drift.py"
