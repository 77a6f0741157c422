# Reporting: the methods in words, the main numbers and the GRRAS table, to be pasted into a manuscript.
#
#   in   the config, measurements, and the tables of section 2.7 that the study has
#   out  report/methods.txt .html    what was done, and the main numbers
#        report/grras.tsv .html      the 15 items of GRRAS: what this study says, where, and what the authors have to write


rule methods:
    input:
        code("methods.py"),
        **PLAN.reported_tables,
        measurements="<results>/6_cleaning/measurements.tsv",
    output:
        text="<results>/report/methods.txt",
        page=shown("report/methods.html", "Methods in words"),
        grras="<results>/report/grras.tsv",
        grras_page=shown("report/grras.html", "GRRAS"),
    log:
        "<logs>/methods.log",
    conda:
        "../envs/statistics.yaml"
    params:
        config=CONFIG,
        counts=PLAN.reported_counts,
    message:
        "Methods in words, and the GRRAS table"
    script:
        "../workflow_scripts/methods.py"
