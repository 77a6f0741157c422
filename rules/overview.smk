# Fig 1: the workflow on one scan, and which scans the figures show.
#
#   in   scans, masks and segmentations of the steps; config `figures` names the scans, or they are chosen
#   out  overview/examples.tsv      which scans Figs 1, 3 and 8 show, and why
#        overview/figure_1.*


rule example_scans:
    input:
        code("example_scans.py"),
        counts=each("5_small_regions/{scan}_stability.tsv", "shown_scans"),
        measurements="<results>/6_cleaning/measurements.tsv" if PLAN.all_read else [],
    output:
        "<results>/overview/examples.tsv",
    log:
        "<logs>/example_scans.log",
    conda:
        "../envs/imaging.yaml"
    params:
        scans=PLAN.scan_rows(PLAN.shown_scans, "subject", "session"),
        sessions=[PLAN.sessions[0], PLAN.primary_session],
        example_scans=CONFIG["figures"]["example_scans"],
        example_subject=CONFIG["figures"]["example_subject"],
    message:
        "Choose the scans of Figs 1, 3 and 8"
    script:
        "../workflow_scripts/example_scans.py"


rule figure_1:
    input:
        code("figure_1.py"),
        examples="<results>/overview/examples.tsv",
        stir=lambda wildcards: PLAN.files_of(PLAN.shown_scans, "stir"),
        region=each("3b_disease_region/{scan}.nii.gz", "shown_scans"),
        preliminary=each("5_small_regions/{scan}.nii.gz", "shown_scans"),
        cleaned=lambda wildcards: [kept["path"] for kept in PLAN.shown_cleanings.values()],
        t1w=lambda wildcards: PLAN.files_of(PLAN.shown_scans, "t1w"),
        marrow=lambda wildcards: [PLAN.mask_of_limits(scan) for scan in PLAN.shown_scans],
        intensities=each("1_normal_bone/{scan}.tsv", "shown_scans"),
        limits=each("2_threshold/{scan}.json", "shown_scans"),
    output:
        *drawn("overview/figure_1", "Fig 1: the workflow on one scan"),
    log:
        "<logs>/figure_1.log",
    conda:
        "../envs/overlays.yaml"
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=PLAN.shown_scans,
        cleaned={scan: kept["reader"] for scan, kept in PLAN.shown_cleanings.items()},
        vhi=CONFIG["limits"]["vhi"],
        n_start=CONFIG["limits"]["n_start"],
    message:
        "Fig 1, the workflow on one scan"
    script:
        "../workflow_scripts/figure_1.py"
