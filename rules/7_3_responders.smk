# 2.7.3 Responders: clinical response by named rules, and who responds by what.
#
#   in   clinical.tsv of the study, 7_3_responsiveness/changes.tsv; the counts that the paper prints
#   out  7_3_responsiveness/change_error.tsv              each change with its interval, and whether it is beyond error
#        7_3_responsiveness/clinical_response.tsv, clinical_response_counts.tsv
#        7_3_responsiveness/responders.tsv                 every 2 x 2 table of two judgements
#        7_3_responsiveness/published_counts.tsv           whether the printed counts fit together, step by step
#        7_3_responsiveness/published_counts_tables.tsv    the tables that fit with one subject left out


rule clinical_response:
    input:
        code("7_3_clinical_response.py"),
        clinical=PLAN.study_table("clinical"),
    output:
        response="<results>/7_3_responsiveness/clinical_response.tsv",
        counts=shown(
            "7_3_responsiveness/clinical_response_counts.tsv",
            "Clinical responders by each rule",
            caption="clinical_response",
        ),
    log:
        "<logs>/7_3_clinical_response.log",
    conda:
        "../envs/statistics.yaml"
    params:
        subjects=list(dict.fromkeys(row["subject"] for row in PLAN.scans.values())),
        sessions=PLAN.sessions,
        asdas=CONFIG["response"]["asdas"],
        low_crp=CONFIG["clinical"]["low_crp"],
    message:
        "(2.3) Clinical response by named rules"
    script:
        "../workflow_scripts/7_3_clinical_response.py"


rule change_error:
    input:
        code("7_3_change_error.py"),
        uncertainty=PLAN.errors_of_vhi,
    output:
        shown("7_3_responsiveness/change_error.tsv", "Change of V_HI with its error"),
    log:
        "<logs>/7_3_change_error.log",
    conda:
        "../envs/statistics.yaml"
    params:
        rule=CONFIG["limits"]["rule"],
        sessions=PLAN.sessions,
    message:
        "(2.7.3) Change of V_HI with its error"
    script:
        "../workflow_scripts/7_3_change_error.py"


rule responders:
    input:
        code("7_3_responders.py"),
        changes="<results>/7_3_responsiveness/changes.tsv",
        detectable="<results>/7_3_responsiveness/detectable_change.tsv",
        errors="<results>/7_3_responsiveness/change_error.tsv",
        clinical=PLAN.clinical_response,
        coverage=COVERAGE,
    output:
        shown("7_3_responsiveness/responders.tsv", "Who responds by what"),
    log:
        "<logs>/7_3_responders.log",
    conda:
        "../envs/statistics.yaml"
    params:
        rule=CONFIG["response"]["clinical_rule"],
        session=PLAN.primary_session,
        arms=PLAN.arms,
        reader="consensus" if PLAN.is_consensus else CONFIG["response"]["reader"],
    message:
        "(2.7.3) Agreement of clinical, V_HI and SPARCC response"
    script:
        "../workflow_scripts/7_3_responders.py"


rule published_counts:
    input:
        code("7_3_published_counts.py"),
    output:
        derivation=shown(
            "7_3_responsiveness/published_counts.tsv", "Do the published counts of responders fit together"
        ),
        tables=shown(
            "7_3_responsiveness/published_counts_tables.tsv",
            "Tables of responders that fit the published counts",
            caption="published_counts",
        ),
    log:
        "<logs>/7_3_published_counts.log",
    conda:
        "../envs/statistics.yaml"
    params:
        claims=[{key: row[key] for key in ("id", "published")} for row in STUDY.tables["claims"]],
        file=f"{STUDY.folder}/claims.tsv",
    message:
        "(3.5) Published counts of responders set against each other"
    script:
        "../workflow_scripts/7_3_published_counts.py"
