# 2.7.3 Responsiveness: change of V_HI and SPARCC under treatment, Figs 8 and 9.
#
#   in   6_cleaning/measurements.tsv; cohort/sparcc.tsv where the study has it
#   out  7_3_responsiveness/changes.tsv               measure unit reader session subject pre post change direction
#        7_3_responsiveness/change_by_visit.tsv       mean change from the first visit to each other, and by arm
#        7_3_responsiveness/detectable_change.tsv     smallest detectable change per measure and reader
#        7_3_responsiveness/response_means.tsv        standardised response means, compared
#        7_3_responsiveness/change_regression.tsv, influence.tsv
#        7_3_responsiveness/figure_8.*, figure_9.*


rule changes:
    input:
        code("7_3_changes.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
        sparcc=PLAN.sparcc_scores,
        consensus=PLAN.consensus_table,
        coverage=COVERAGE,
    output:
        changes="<results>/7_3_responsiveness/changes.tsv",
        by_visit=shown("7_3_responsiveness/change_by_visit.tsv", "Change from the first visit to each other"),
        detectable=shown("7_3_responsiveness/detectable_change.tsv", "Smallest detectable change"),
    log:
        "<logs>/7_3_changes.log",
    conda:
        "../envs/statistics.yaml"
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        readers=PLAN.cleaning_readers,
        all_readers=CONFIG["readers"],
        sessions=PLAN.sessions,
        arms=PLAN.arms,
    message:
        "(2.7.3) Change of V_HI and SPARCC under treatment"
    script:
        "../workflow_scripts/7_3_changes.py"


rule response_means:
    input:
        code("7_3_response_means.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        clinical=PLAN.clinical_response,
        coverage=COVERAGE,
    output:
        shown("7_3_responsiveness/response_means.tsv", "Standardised response means"),
    log:
        "<logs>/7_3_response_means.log",
    conda:
        "../envs/statistics.yaml"
    params:
        rule=CONFIG["response"]["clinical_rule"],
        arms=PLAN.arms,
        resamples=CONFIG["statistics"]["bootstrap"],
        seed=CONFIG["statistics"]["seed"],
    message:
        "(2.7.3) Standardised response means of V_HI and SPARCC"
    script:
        "../workflow_scripts/7_3_response_means.py"


rule change_regression:
    input:
        code("7_3_change_regression.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        coverage=COVERAGE,
    output:
        regression=shown("7_3_responsiveness/change_regression.tsv", "Change in V_HI on change in SPARCC"),
        influence=shown("7_3_responsiveness/influence.tsv", "Influence of each patient on that slope"),
    log:
        "<logs>/7_3_change_regression.log",
    conda:
        "../envs/statistics.yaml"
    message:
        "(3.5) Change in V_HI on change in SPARCC"
    script:
        "../workflow_scripts/7_3_change_regression.py"


use rule figure_3 as figure_8 with:
    output:
        *drawn("7_3_responsiveness/figure_8", "Fig 8: before and after treatment"),
    log:
        "<logs>/7_3_figure_8.log",
    message:
        "(2.7.3) Fig 8, a subject before and after treatment"


rule figure_9:
    input:
        code("7_3_figure_9.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        clinical=PLAN.clinical_response,
        regression="<results>/7_3_responsiveness/change_regression.tsv" if PLAN.sparcc_scores else [],
        influence="<results>/7_3_responsiveness/influence.tsv" if PLAN.sparcc_scores else [],
    output:
        *drawn("7_3_responsiveness/figure_9", "Fig 9: change under treatment"),
    log:
        "<logs>/7_3_figure_9.log",
    conda:
        "../envs/figures.yaml"
    params:
        rule=CONFIG["response"]["clinical_rule"],
        first=PLAN.sessions[0],
        session=PLAN.primary_session,
        truncate=CONFIG["statistics"]["truncate_quantile"],
        simulated=CONFIG["simulated"],
    message:
        "(2.7.3) Fig 9, change under treatment"
    script:
        "../workflow_scripts/7_3_figure_9.py"
