# 2.7.3 Responsiveness: change of V_HI and SPARCC under treatment, clinical response, who responds by what, Fig 9.
#
#   in   6_cleaning/measurements.tsv; 7_0_cohort/sparcc.tsv and clinical.tsv where the study has them
#   out  7_3_responsiveness/changes.tsv               measure unit reader subject pre post change direction
#        7_3_responsiveness/detectable_change.tsv     smallest detectable change per measure and reader
#        7_3_responsiveness/clinical_response.tsv     every subject by every named rule; clinical_response_counts.tsv
#        7_3_responsiveness/responders.tsv            every 2 x 2 table of two judgements
#        7_3_responsiveness/response_means.tsv        standardised response means, compared
#        7_3_responsiveness/change_regression.tsv, influence.tsv
#        7_3_responsiveness/published_counts.tsv      whether the paper's counts of responders fit together, step by step
#        7_3_responsiveness/published_counts_tables.tsv   the tables of 2 x 2 x 2 counts that fit with one subject left out
#        7_3_responsiveness/figure_9.*


rule changes:
    input:
        code("7_3_changes.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
        sparcc=sparcc_scores(),
    output:
        changes="<results>/7_3_responsiveness/changes.tsv",
        detectable=report(
            "<results>/7_3_responsiveness/detectable_change.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Smallest detectable change"},
            caption="captions/detectable_change.rst",
        ),
    log:
        "<logs>/7_3_changes.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        readers=cleaning_readers(),
        all_readers=CONFIG["readers"],
    message:
        "(2.7.3) Change of V_HI and SPARCC under treatment"
    script:
        "../workflow_scripts/7_3_changes.py"


rule clinical_response:
    input:
        code("7_3_clinical_response.py"),
        clinical=study_table("clinical"),
    output:
        response="<results>/7_3_responsiveness/clinical_response.tsv",
        counts=report(
            "<results>/7_3_responsiveness/clinical_response_counts.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Clinical responders by each rule"},
            caption="captions/clinical_response.rst",
        ),
    log:
        "<logs>/7_3_clinical_response.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        subjects=list(dict.fromkeys(row["subject"] for row in SCANS.values())),
        asdas=CONFIG["response"]["asdas"],
        low_crp=CONFIG["clinical"]["low_crp"],
    message:
        "(2.3) Clinical response by named rules"
    script:
        "../workflow_scripts/7_3_clinical_response.py"


rule responders:
    input:
        code("7_3_responders.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        detectable="<results>/7_3_responsiveness/detectable_change.tsv",
        clinical=clinical_response(),
    output:
        report(
            "<results>/7_3_responsiveness/responders.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Who responds by what"},
            caption="captions/responders.rst",
        ),
    log:
        "<logs>/7_3_responders.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        rule=CONFIG["response"]["clinical_rule"],
    message:
        "(2.7.3) Agreement of clinical, V_HI and SPARCC response"
    script:
        "../workflow_scripts/7_3_responders.py"


rule response_means:
    input:
        code("7_3_response_means.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        clinical=clinical_response(),
    output:
        report(
            "<results>/7_3_responsiveness/response_means.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Standardised response means"},
            caption="captions/response_means.rst",
        ),
    log:
        "<logs>/7_3_response_means.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        rule=CONFIG["response"]["clinical_rule"],
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
    output:
        regression=report(
            "<results>/7_3_responsiveness/change_regression.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Change in V_HI on change in SPARCC"},
            caption="captions/change_regression.rst",
        ),
        influence=report(
            "<results>/7_3_responsiveness/influence.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Influence of each patient on that slope"},
            caption="captions/influence.rst",
        ),
    log:
        "<logs>/7_3_change_regression.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "(3.5) Change in V_HI on change in SPARCC"
    script:
        "../workflow_scripts/7_3_change_regression.py"


rule figure_9:
    input:
        code("7_3_figure_9.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        clinical=clinical_response(),
        regression="<results>/7_3_responsiveness/change_regression.tsv" if sparcc_scores() else [],
        influence="<results>/7_3_responsiveness/influence.tsv" if sparcc_scores() else [],
    output:
        report(
            "<results>/7_3_responsiveness/figure_9.png",
            category="7.3 Responsiveness",
            labels={"figure": "Fig 9: change under treatment"},
            caption="captions/figure_9.rst",
        ),
        "<results>/7_3_responsiveness/figure_9.svg",
    log:
        "<logs>/7_3_figure_9.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        rule=CONFIG["response"]["clinical_rule"],
        truncate=CONFIG["statistics"]["truncate_quantile"],
        simulated=CONFIG["simulated"],
    message:
        "(2.7.3) Fig 9, change under treatment"
    script:
        "../workflow_scripts/7_3_figure_9.py"


rule published_counts:
    input:
        code("7_3_published_counts.py"),
    output:
        derivation=report(
            "<results>/7_3_responsiveness/published_counts.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Do the published counts of responders fit together"},
            caption="captions/published_counts.rst",
        ),
        tables=report(
            "<results>/7_3_responsiveness/published_counts_tables.tsv",
            category="7.3 Responsiveness",
            labels={"table": "Tables of responders that fit the published counts"},
            caption="captions/published_counts.rst",
        ),
    log:
        "<logs>/7_3_published_counts.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        claims=[{key: row[key] for key in ("id", "published")} for row in STUDY.tables["claims"]],
        file=f"{STUDY.folder}/claims.tsv",
    message:
        "(3.5) Published counts of responders set against each other"
    script:
        "../workflow_scripts/7_3_published_counts.py"
