# Notebooks: one scan through steps (i) to (vi), and the agreement of a reader study, with the functions of the rules.
#
#   in   scans and results of the steps
#   out  notebooks/walkthrough.ipynb .html, agreement.ipynb .html    executed copies (target `notebooks`)
#        notebooks/walkthrough.json, agreement.json                  their main numbers

from vhi.report.jupyter import put_on_path

put_on_path()


rule walkthrough:
    input:
        modules=code("../notebooks/walkthrough.ipynb"),
        t1w=lambda wildcards: PLAN.scans[PLAN.walked_scan]["t1w"],
        stir=lambda wildcards: PLAN.scans[PLAN.walked_scan]["stir"],
        marrow=lambda wildcards: PLAN.mask_of_limits(PLAN.walked_scan),
        limits=lambda wildcards: f"<results>/2_threshold/{PLAN.walked_scan}.json",
        region=lambda wildcards: f"<results>/3b_disease_region/{PLAN.walked_scan}.nii.gz",
        region_about=lambda wildcards: f"<results>/3b_disease_region/{PLAN.walked_scan}.json",
        preliminary=lambda wildcards: f"<results>/5_small_regions/{PLAN.walked_scan}.nii.gz",
        cleaned=lambda wildcards: list(PLAN.cleaned_of([PLAN.walked_scan]).values()),
    output:
        "<results>/notebooks/walkthrough.json",
    log:
        notebook="<logs>/9_walkthrough.ipynb",
    conda:
        "../envs/notebooks.yaml"
    resources:
        mem_mb=2000,
    params:
        title=CONFIG["title"],
        simulated=CONFIG["simulated"],
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scan=planned("walked_scan"),
        readers=lambda wildcards: [reader for _, reader in PLAN.cleaned_of([PLAN.walked_scan])],
        limit=CONFIG["limits"]["vhi"],
        limit_rule=LIMIT_RULE,
        small_regions=CONFIG["small_regions"],
        exclude_normal_marrow=CONFIG["normal_marrow"]["exclude_from_disease_region"],
    message:
        "Notebook: one scan through steps (i) to (vi)"
    notebook:
        "../notebooks/walkthrough.ipynb"


rule agreement_notebook:
    input:
        modules=code("../notebooks/agreement.ipynb"),
        measurements="<results>/6_cleaning/measurements.tsv",
        pairs="<results>/7_2_agreement/pairs.tsv",
        limits="<results>/7_2_agreement/limits.tsv",
        reliability="<results>/7_2_agreement/reliability.tsv",
        detectable=PLAN.detectable_change,
    output:
        "<results>/notebooks/agreement.json",
    log:
        notebook="<logs>/9_agreement.ipynb",
    conda:
        "../envs/notebooks.yaml"
    params:
        title=CONFIG["title"],
        simulated=CONFIG["simulated"],
        unit=CONFIG["statistics"]["vhi_unit"],
    message:
        "Notebook: from measurements to a reader study's conclusions"
    notebook:
        "../notebooks/agreement.ipynb"


rule notebook_page:
    input:
        code("notebook_page.py"),
        done="<results>/notebooks/{notebook}.json",
    output:
        executed="<results>/notebooks/{notebook}.ipynb",
        page=shown("notebooks/{notebook}.html", "{notebook}", caption="notebooks"),
    log:
        "<logs>/notebook_page/{notebook}.log",
    conda:
        "../envs/notebooks.yaml"
    params:
        executed=lambda wildcards: f"results/{STUDY.label}/logs/9_{wildcards.notebook}.ipynb",
    message:
        "Page of the notebook {wildcards.notebook}"
    script:
        "../workflow_scripts/notebook_page.py"
