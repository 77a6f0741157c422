# (iii) The test: Dice on scans that no network has seen.
#
#   in   members trained without the test scans, or published weights; test scans and their manual disease regions
#   out  3a_unet_training/trained_test_dice.tsv    Dice per test slice of networks that are trained here
#        3a_unet_training/test_dice.tsv            the same of published weights
#        3a_unet_training/test_regions/, figure_2.*
#        test_log.tsv in the study's folder        every evaluation on test scans, also of networks that left one out


rule trained_test_dice:
    input:
        code("3a_trained_test_dice.py"),
        selected="<results>/3a_unet_training/selected.json",
        members=PLAN.trained_members("train"),
        scans=PLAN.annotated_files("test"),
        published=PLAN.published_file("model_training/test_data_overlap.txt"),
    output:
        shown("3a_unet_training/trained_test_dice.tsv", "Dice per test slice, trained ensemble"),
    log:
        "<logs>/3a_trained_test_dice.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2000,
    params:
        **PREDICTING,
        scans=PLAN.annotated("test"),
        subjects=PLAN.annotated_subjects("test"),
        test_log=PLAN.test_log,
        logged=PLAN.logged_evaluation,
    message:
        "(iii) Dice of the trained ensemble on the test slices"
    script:
        "../workflow_scripts/3a_trained_test_dice.py"


rule test_dice:
    input:
        code("3a_test_dice.py"),
        ensemble=each("3b_disease_region/ensemble/{scan}.nii.gz", "test_scans"),
        manual=lambda wildcards: PLAN.files_of(PLAN.test_scans, "disease_region"),
        published=PLAN.published_file("model_training/test_data_overlap.txt"),
    output:
        shown("3a_unet_training/test_dice.tsv", "Dice per test slice"),
    log:
        "<logs>/3a_test_dice.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=PLAN.test_scans,
    message:
        "(iii) Dice of the ensemble on the test slices"
    script:
        "../workflow_scripts/3a_test_dice.py"


rule test_region:
    input:
        code("3a_test_region.py"),
        t1w=of_scan("t1w"),
        members=PLAN.trained_members("train") if PLAN.is_trained else [],
    output:
        "<results>/3a_unet_training/test_regions/{scan}.nii.gz",
    log:
        "<logs>/3a_test_region/{scan}.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2000,
    params:
        **PREDICTING,
    message:
        "Disease region of {wildcards.scan} by networks that have not seen it"
    script:
        "../workflow_scripts/3a_test_region.py"


rule figure_2:
    input:
        code("3a_figure_2.py"),
        t1w=lambda wildcards: PLAN.files_of(PLAN.test_scans, "t1w"),
        manual=lambda wildcards: PLAN.files_of(PLAN.test_scans, "disease_region"),
        found=lambda wildcards: [PLAN.tested_region(scan) for scan in PLAN.test_scans],
    output:
        *drawn("3a_unet_training/figure_2", "Fig 2: disease region of test scans"),
    log:
        "<logs>/3a_figure_2.log",
    conda:
        "../envs/overlays.yaml"
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=PLAN.test_scans,
        trained=PLAN.is_trained,
    message:
        "(iii) Fig 2, disease region of test scans"
    script:
        "../workflow_scripts/3a_figure_2.py"
