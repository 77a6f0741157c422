# Reporting: the methods in words, the main numbers and the GRRAS table, to be pasted into a manuscript; and which versions, which
# config and which inputs gave the results; and the report, which shows all results with their captions.
#
#   in   the config, measurements, and the tables of section 2.7 that the study has; every file that was handed in, and all code
#   out  report/methods.txt .html    what was done, and the main numbers
#        report/grras.tsv .html      the 15 items of GRRAS: what this study says, where, and what the authors have to write
#        provenance/inputs.tsv       role, path, SHA-256 and bytes of each
#        provenance/versions.tsv     package, version that is pinned and that is installed
#        provenance/settings.tsv     every key of the config, its value and its default
#        provenance/sheet.html       all of it on a page of the report
#        report.html, report/parts/  the report (make report): first page, and a page for each part


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
        session=PLAN.primary_session,
    message:
        "Methods in words, and the GRRAS table"
    script:
        "../workflow_scripts/methods.py"


rule provenance:
    input:
        code("provenance.py"),
        files=lambda wildcards: [path for _, _, path in PLAN.outside_files],
        code=lambda wildcards: [path for _, _, path in PLAN.code_files],
    output:
        inputs="<results>/provenance/inputs.tsv",
        versions="<results>/provenance/versions.tsv",
        settings="<results>/provenance/settings.tsv",
        sheet=shown("provenance/sheet.html", "Versions, config, inputs by hash", caption="provenance"),
    log:
        "<logs>/provenance.log",
    conda:
        "../envs/statistics.yaml"
    params:
        files=lambda wildcards: [(role, name) for role, name, _ in PLAN.outside_files],
        code=lambda wildcards: [name for _, name, _ in PLAN.code_files],
        config=planned("config_as_written"),
        defaults=PLAN.default_config,
        title=CONFIG["title"],
        version=PLAN.version,
    message:
        "Versions, config and inputs by hash"
    script:
        "../workflow_scripts/provenance.py"


rule report_page:  # of what is there: it waits for no result
    input:
        code("report_page.py"),
        inventory=shown("inventory.tsv", "What is expected, and what is there", category="0 Overview"),
    output:
        first="<results>/report.html",
        parts=directory("<results>/report/parts"),
    log:
        "<logs>/report_page.log",
    conda:
        "../envs/overlays.yaml"
    params:
        shown=lambda wildcards: SHOWN,
        title=CONFIG["title"],
        simulated=CONFIG["simulated"],
        sessions=PLAN.sessions,
    message:
        "Report"
    script:
        "../workflow_scripts/report_page.py"
