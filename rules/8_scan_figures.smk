# 8 Figures of single scans: Figs 1, 2, 3, 8 and S2 of the paper, from the study's own scans.
#
#   in   scans, masks and segmentations of the steps before; config `figures` names the scans, or they are chosen
#   out  8_scan_figures/examples.tsv          which scans Figs 1, 3 and 8 show, and why
#        8_scan_figures/test_regions/         disease regions of test scans by networks that have not seen them (Fig 2)
#        8_scan_figures/figure_{1,2,3,8,s2}.*


rule example_scans:
    input:
        code("8_example_scans.py"),
        counts=lambda wildcards: expand("<results>/5_small_regions/{scan}_stability.tsv", scan=shown_scans()),
        measurements="<results>/6_cleaning/measurements.tsv" if all_read() else [],
    output:
        "<results>/8_scan_figures/examples.tsv",
    log:
        "<logs>/8_example_scans.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        scans=scan_rows(shown_scans(), "subject", "session"),
        example_scans=CONFIG["figures"]["example_scans"],
        example_subject=CONFIG["figures"]["example_subject"],
    message:
        "Choose the scans of Figs 1, 3 and 8"
    script:
        "../workflow_scripts/8_example_scans.py"


rule test_region:
    input:
        code("8_test_region.py"),
        t1w=of_scan("t1w"),
        members=trained_members("train") if is_trained() else [],
    output:
        "<results>/8_scan_figures/test_regions/{scan}.nii.gz",
    log:
        "<logs>/8_test_region/{scan}.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        precision=CONFIG["ensemble"]["precision"],
        threads=CONFIG["ensemble"]["threads"],
        averaged=averaged_views(),
        rounding=rounding(),
    message:
        "Disease region of {wildcards.scan} by networks that have not seen it"
    script:
        "../workflow_scripts/8_test_region.py"


rule figure_1:
    input:
        code("8_figure_1.py"),
        examples="<results>/8_scan_figures/examples.tsv",
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in shown_scans()],
        region=lambda wildcards: expand("<results>/3b_disease_region/{scan}.nii.gz", scan=shown_scans()),
        preliminary=lambda wildcards: expand("<results>/5_small_regions/{scan}.nii.gz", scan=shown_scans()),
        cleaned=lambda wildcards: [kept["path"] for kept in shown_cleanings().values()],
        t1w=lambda wildcards: [SCANS[scan]["t1w"] for scan in shown_scans()],
        marrow=lambda wildcards: [SCANS[scan]["normal_bone"] for scan in shown_scans()],
        intensities=lambda wildcards: expand("<results>/1_normal_bone/{scan}.tsv", scan=shown_scans()),
        limits=lambda wildcards: expand("<results>/2_threshold/{scan}.json", scan=shown_scans()),
    output:
        report(
            "<results>/8_scan_figures/figure_1.png",
            category="0 Overview",
            labels={"figure": "Fig 1: the workflow on one scan"},
            caption="captions/figure_1.rst",
        ),
        "<results>/8_scan_figures/figure_1.svg",
    log:
        "<logs>/8_figure_1.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=shown_scans(),
        cleaned={scan: kept["reader"] for scan, kept in shown_cleanings().items()},
        vhi=CONFIG["limits"]["vhi"],
        n_start=CONFIG["limits"]["n_start"],
    message:
        "Fig 1, the workflow on one scan"
    script:
        "../workflow_scripts/8_figure_1.py"


rule figure_2:
    input:
        code("8_figure_2.py"),
        t1w=lambda wildcards: [SCANS[scan]["t1w"] for scan in test_scans()],
        manual=lambda wildcards: [SCANS[scan]["disease_region"] for scan in test_scans()],
        found=lambda wildcards: [tested_region(scan) for scan in test_scans()],
    output:
        report(
            "<results>/8_scan_figures/figure_2.png",
            category="3 Disease region",
            labels={"figure": "Fig 2: disease region of test scans"},
            caption="captions/figure_2.rst",
        ),
        "<results>/8_scan_figures/figure_2.svg",
    log:
        "<logs>/8_figure_2.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=test_scans(),
        trained=is_trained(),
    message:
        "(iii) Fig 2, disease region of test scans"
    script:
        "../workflow_scripts/8_figure_2.py"


rule figure_3:
    input:
        code("8_figure_3.py"),
        examples="<results>/8_scan_figures/examples.tsv",
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in shown_scans()],
        region=lambda wildcards: expand("<results>/3b_disease_region/{scan}.nii.gz", scan=shown_scans()),
        preliminary=lambda wildcards: expand("<results>/5_small_regions/{scan}.nii.gz", scan=shown_scans()),
        cleaned=lambda wildcards: [kept["path"] for kept in shown_cleanings().values()],
    output:
        report(
            "<results>/8_scan_figures/figure_3.png",
            category="5 Preliminary segmentation",
            labels={"figure": "Fig 3: examples"},
            caption="captions/figure_3.rst",
        ),
        "<results>/8_scan_figures/figure_3.svg",
    log:
        "<logs>/8_figure_3.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=shown_scans(),
        cleaned={scan: kept["reader"] for scan, kept in shown_cleanings().items()},
        vhi=CONFIG["limits"]["vhi"],
        sessions={scan: SCANS[scan]["session"] for scan in shown_scans()},
        figure="3",
    message:
        "(v) Fig 3, examples of the output"
    script:
        "../workflow_scripts/8_figure_3.py"


rule figure_8:
    input:
        code("8_figure_8.py"),
        examples="<results>/8_scan_figures/examples.tsv",
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in shown_scans()],
        region=lambda wildcards: expand("<results>/3b_disease_region/{scan}.nii.gz", scan=shown_scans()),
        preliminary=lambda wildcards: expand("<results>/5_small_regions/{scan}.nii.gz", scan=shown_scans()),
        cleaned=lambda wildcards: [kept["path"] for kept in shown_cleanings().values()],
    output:
        report(
            "<results>/8_scan_figures/figure_8.png",
            category="7.3 Responsiveness",
            labels={"figure": "Fig 8: before and after treatment"},
            caption="captions/figure_8.rst",
        ),
        "<results>/8_scan_figures/figure_8.svg",
    log:
        "<logs>/8_figure_8.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=shown_scans(),
        cleaned={scan: kept["reader"] for scan, kept in shown_cleanings().items()},
        vhi=CONFIG["limits"]["vhi"],
        sessions={scan: SCANS[scan]["session"] for scan in shown_scans()},
        figure="8",
    message:
        "(2.7.3) Fig 8, a subject before and after treatment"
    script:
        "../workflow_scripts/8_figure_8.py"


rule figure_s2:
    input:
        code("8_figure_s2.py"),
        quality="<results>/3b_disease_region/quality.tsv",
        compared="<results>/3b_disease_region/ensemble.tsv",
        t1w=lambda wildcards: [SCANS[scan]["t1w"] for scan in segmentable()],
        region=lambda wildcards: expand("<results>/3b_disease_region/ensemble/{scan}.nii.gz", scan=segmentable()),
    output:
        report(
            "<results>/8_scan_figures/figure_s2.png",
            category="3 Disease region",
            labels={"figure": "Fig S2: failures of the network"},
            caption="captions/figure_s2.rst",
        ),
        "<results>/8_scan_figures/figure_s2.svg",
    log:
        "<logs>/8_figure_s2.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=segmentable(),
        subjects={scan: SCANS[scan]["subject"] for scan in segmentable()},
        failed=failed_scans(),
        most=3,
    message:
        "(iii) Fig S2, where the ensemble fails"
    script:
        "../workflow_scripts/8_figure_s2.py"
