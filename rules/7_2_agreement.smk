# 2.7.2 Agreement: V_HI against SPARCC, and the readers against each other in both.
#
#   in   6_cleaning/measurements.tsv, cohort/sparcc.tsv
#   out  7_2_agreement/values.tsv               scan subject session reader vhi_voxels vhi_mm3 sparcc
#        7_2_agreement/relation.tsv             V_HI on SPARCC per reader: slope, intercept, R2, P, diagnostics
#        7_2_agreement/pairs.tsv                mean and difference of the readers per scan, measure and scale
#        7_2_agreement/limits.tsv               bias and limits of agreement, by the paper's method and for clustered data
#        7_2_agreement/limits_by_mean.tsv       limits of raw V_HI as a function of the mean
#        7_2_agreement/ratios.tsv               limits of the logarithms as ratios, per tertile
#        7_2_agreement/reliability.tsv          ICC(A,1) of status and of change
#        7_2_agreement/figure_6.*, figure_7.*
#        7_2_agreement/limits_within.tsv, reliability_within.tsv     the same of both trials of each reader


rule relation:
    input:
        code("7_2_relation.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
        sparcc=PLAN.sparcc_scores,
        coverage=COVERAGE,
    output:
        values="<results>/7_2_agreement/values.tsv",
        relation=shown("7_2_agreement/relation.tsv", "V_HI on SPARCC"),
    log:
        "<logs>/7_2_relation.log",
    conda:
        "../envs/statistics.yaml"
    params:
        readers=CONFIG["readers"],
        unit=CONFIG["statistics"]["vhi_unit"],
        quantile=CONFIG["statistics"]["truncate_quantile"],
        primary=CONFIG["statistics"]["primary"]["relation"],
    message:
        "(2.7.2) V_HI against SPARCC, per reader"
    script:
        "../workflow_scripts/7_2_relation.py"


rule agreement:
    input:
        code("7_2_agreement.py"),
        values="<results>/7_2_agreement/values.tsv",
        coverage=COVERAGE,
    output:
        pairs="<results>/7_2_agreement/pairs.tsv",
        limits=shown("7_2_agreement/limits.tsv", "Limits of agreement"),
        limits_by_mean=shown("7_2_agreement/limits_by_mean.tsv", "Limits as a function of the mean"),
        ratios=shown("7_2_agreement/ratios.tsv", "Limits as ratios, per tertile"),
        reliability=shown("7_2_agreement/reliability.tsv", "ICC of status and of change"),
    log:
        "<logs>/7_2_agreement.log",
    conda:
        "../envs/statistics.yaml"
    params:
        readers=CONFIG["readers"],
        sessions=PLAN.sessions,
        unit=CONFIG["statistics"]["vhi_unit"],
        quantile=CONFIG["statistics"]["truncate_quantile"],
        primary=CONFIG["statistics"]["primary"]["agreement"],
    message:
        "(2.7.2) Agreement of the readers in V_HI and SPARCC"
    script:
        "../workflow_scripts/7_2_agreement.py"


rule figure_6:
    input:
        code("7_2_figure_6.py"),
        values="<results>/7_2_agreement/values.tsv",
        relation="<results>/7_2_agreement/relation.tsv",
    output:
        *drawn("7_2_agreement/figure_6", "Fig 6: V_HI against SPARCC"),
    log:
        "<logs>/7_2_figure_6.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
        first=PLAN.sessions[0],
        unit=CONFIG["statistics"]["vhi_unit"],
    message:
        "(2.7.2) Fig 6, V_HI against SPARCC"
    script:
        "../workflow_scripts/7_2_figure_6.py"


rule figure_7:
    input:
        code("7_2_figure_7.py"),
        pairs="<results>/7_2_agreement/pairs.tsv",
        limits="<results>/7_2_agreement/limits.tsv",
        by_mean="<results>/7_2_agreement/limits_by_mean.tsv",
    output:
        *drawn("7_2_agreement/figure_7", "Fig 7: the readers against each other"),
    log:
        "<logs>/7_2_figure_7.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
        first=PLAN.sessions[0],
    message:
        "(2.7.2) Fig 7, agreement of the readers"
    script:
        "../workflow_scripts/7_2_figure_7.py"


include: "7_2_within.smk"
