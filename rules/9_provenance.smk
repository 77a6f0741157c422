# 9 Provenance: which versions, which config and which inputs gave the results of this study.
#
#   in   every file that was handed in, and all code
#   out  9_provenance/inputs.tsv      role, path, SHA-256 and bytes of each
#        9_provenance/versions.tsv    package, version that is pinned and that is installed
#        9_provenance/settings.tsv    every key of the config, its value and its default
#        9_provenance/sheet.html      all of it on a page of the report


rule provenance:
    input:
        code("9_provenance.py"),
        files=lambda wildcards: [path for _, _, path in outside_files()],
        code=lambda wildcards: [path for _, _, path in code_files()],
    output:
        inputs="<results>/9_provenance/inputs.tsv",
        versions="<results>/9_provenance/versions.tsv",
        settings="<results>/9_provenance/settings.tsv",
        sheet=report(
            "<results>/9_provenance/sheet.html",
            category="9 Provenance",
            labels={"table": "Versions, config, inputs by hash"},
            caption="captions/provenance.rst",
        ),
    log:
        "<logs>/9_provenance.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        files=lambda wildcards: [(role, name) for role, name, _ in outside_files()],
        code=lambda wildcards: [name for _, name, _ in code_files()],
        config=lambda wildcards: config_as_written(),
        defaults=averaging_settled(with_defaults({}, read_schema(ROOT, "config"))),
        title=CONFIG["title"],
        version=VERSION,
    message:
        "Versions, config and inputs by hash"
    script:
        "../workflow_scripts/9_provenance.py"
