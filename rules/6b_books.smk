# The reading room's books: what readers removed, and where two of them differ.
#
#   in   records and masks of 6_cleaning, 5_small_regions/{scan}.nii.gz
#   out  6b_reading_room/audit.tsv
#        6b_reading_room/disagreements.tsv, disagreements_by_reason.tsv, figure_disagreements.*


rule audit:
    input:
        code("6b_audit.py"),
        records=lambda wildcards: PLAN.cleaned_files("_record.json"),
        preliminary=[f"<results>/5_small_regions/{scan}.nii.gz" for scan, _, _ in PLAN.cleaned_readings],
    output:
        shown("6b_reading_room/audit.tsv", "What was removed, and why", caption="reading_audit"),
    log:
        "<logs>/6b_audit.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        readings=PLAN.cleaned_readings,
    message:
        "What every reader removed, and why"
    script:
        "../workflow_scripts/6b_audit.py"


rule disagreements:
    input:
        code("6b_disagreements.py"),
        records=lambda wildcards: PLAN.cleaned_files("_record.json"),
        masks=lambda wildcards: PLAN.cleaned_files(".nii.gz"),
        preliminary=each("5_small_regions/{scan}.nii.gz", "scans_of_two"),
    output:
        regions=shown(
            "6b_reading_room/disagreements.tsv", "Regions on which readers differ", caption="reading_disagreements"
        ),
        reasons=shown(
            "6b_reading_room/disagreements_by_reason.tsv", "Disagreements by reason", caption="reading_disagreements"
        ),
    log:
        "<logs>/6b_disagreements.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        limit=CONFIG["limits"]["vhi"],
        readings=PLAN.cleaned_readings,
        scans=PLAN.scans_of_two,
    message:
        "Where two readers differ, and what it does to V_HI"
    script:
        "../workflow_scripts/6b_disagreements.py"


rule figure_disagreements:
    input:
        code("6b_figure_disagreements.py"),
        regions="<results>/6b_reading_room/disagreements.tsv",
        masks=lambda wildcards: PLAN.cleaned_files(".nii.gz"),
        stir=lambda wildcards: PLAN.files_of(PLAN.scans_of_two, "stir"),
    output:
        *drawn("6b_reading_room/figure_disagreements{of}", "Largest disagreements", caption="reading_disagreements"),
    log:
        "<logs>/6b_figure_disagreements{of}.log",
    wildcard_constraints:
        of=f"|_({PLAN.scan_names})",
    conda:
        "../envs/overlays.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scan=lambda wildcards: wildcards.of.removeprefix("_"),
        readings=PLAN.cleaned_readings,
        scans=PLAN.scans_of_two,
    message:
        "The largest disagreements of two readers, side by side"
    script:
        "../workflow_scripts/6b_figure_disagreements.py"
