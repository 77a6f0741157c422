# Subjects and readers of a next study, planned from a finished pilot (make sample-size STUDY=).
#
#   in   7_2_agreement/values.tsv
#   out  sample_size/table.tsv       plan of every question and number of readers, and its simulation
#        sample_size/curves.tsv      planned values against subjects
#        sample_size/sentence.txt    for a grant application
#        sample_size/figure.*


rule sample_size:
    input:
        code("sample_size.py"),
        values="<results>/7_2_agreement/values.tsv",
    output:
        table=shown("sample_size/table.tsv", "Subjects and readers", caption="sample_size"),
        curves="<results>/sample_size/curves.tsv",
        sentence=shown("sample_size/sentence.txt", "Sentence for a grant", caption="sample_size_sentence"),
    log:
        "<logs>/sample_size.log",
    conda:
        "../envs/statistics.yaml"
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        sessions=[PLAN.sessions[0], PLAN.primary_session],
        seed=CONFIG["statistics"]["seed"],
        settings=CONFIG["sample_size"],
    message:
        "Sample size of a next study"
    script:
        "../workflow_scripts/sample_size.py"


rule figure_sample_size:
    input:
        code("figure_sample_size.py"),
        curves="<results>/sample_size/curves.tsv",
    output:
        *drawn("sample_size/figure", "Power and width against subjects", caption="figure_sample_size"),
    log:
        "<logs>/figure_sample_size.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
    message:
        "Figure of power and width against subjects"
    script:
        "../workflow_scripts/figure_sample_size.py"
