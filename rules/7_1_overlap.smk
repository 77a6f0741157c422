# 2.7.1 Overlap: Dice scores within and between readers, the composite reference, Figs 4 and 5.
#
#   in   6_cleaning/measurements.tsv, cleaned and manual masks; the published table where cleaned masks are not public
#   out  7_1_overlap/dice.tsv         scan a b method dice volume_similarity source
#        7_1_overlap/medians.tsv      medians per pair of readings, with intervals by the clustered sign test
#        7_1_overlap/tests.tsv        semi-automatic against manual Dice, paired, adjusted by Holm
#        7_1_overlap/gain.tsv         the declared contrast: cleaned Dice less the mean of the manual pairs
#        7_1_overlap/composite.tsv    each reading against the composites of manual and of mixed trials
#        7_1_overlap/composite_agreement.tsv
#        7_1_overlap/figure_4.*, figure_5.*


rule dice:
    input:
        code("7_1_dice.py"),
        measurements="<results>/6_cleaning/measurements.tsv",  # whose rule checks every mask against its STIR
        masks=planned("reading_masks"),
        preliminary=each("5_small_regions/{scan}.nii.gz", "read_scans"),
        published=PLAN.published_file("overlap/overlap_R1_R2.txt"),
    output:
        "<results>/7_1_overlap/dice.tsv",
    log:
        "<logs>/7_1_dice.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        limit=CONFIG["limits"]["vhi"],
        readings=PLAN.reading_rows,
    message:
        "(2.7.1) Overlap of every pair of readings"
    script:
        "../workflow_scripts/7_1_dice.py"


rule dice_tests:
    input:
        code("7_1_dice_tests.py"),
        dice="<results>/7_1_overlap/dice.tsv",
        coverage=COVERAGE,
    output:
        medians=shown("7_1_overlap/medians.tsv", "Median Dice", caption="dice"),
        tests=shown("7_1_overlap/tests.tsv", "Paired tests of Dice", caption="dice_tests"),
        gain=shown("7_1_overlap/gain.tsv", "Gain in Dice by cleaning, one contrast per scan"),
    log:
        "<logs>/7_1_dice_tests.log",
    conda:
        "../envs/statistics.yaml"
    params:
        subjects={scan: row["subject"] for scan, row in PLAN.scans.items()},
    message:
        "(2.7.1) Median Dice scores, intervals and paired tests"
    script:
        "../workflow_scripts/7_1_dice_tests.py"


rule composite:
    input:
        code("7_1_composite.py"),
        measurements="<results>/6_cleaning/measurements.tsv",  # whose rule checks every mask against its STIR
        masks=planned("reading_masks"),
    output:
        composite="<results>/7_1_overlap/composite.tsv",
        agreement=shown("7_1_overlap/composite_agreement.tsv", "V_HI against the composite", caption="composite"),
    log:
        "<logs>/7_1_composite.log",
    conda:
        "../envs/statistics.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        votes=CONFIG["overlap"]["composite_votes"],
        limit=CONFIG["limits"]["vhi"],
        readings=PLAN.reading_rows,
    message:
        "(2.7.1) Readings against the composite references"
    script:
        "../workflow_scripts/7_1_composite.py"


rule figure_4:
    input:
        code("7_1_figure_4.py"),
        dice="<results>/7_1_overlap/dice.tsv",
    output:
        *drawn("7_1_overlap/figure_4", "Fig 4: Dice scores"),
    log:
        "<logs>/7_1_figure_4.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
    message:
        "(2.7.1) Fig 4, Dice scores of manual and semi-automatic segmentation"
    script:
        "../workflow_scripts/7_1_figure_4.py"


rule figure_5:
    input:
        code("7_1_figure_5.py"),
        composite="<results>/7_1_overlap/composite.tsv",
        agreement="<results>/7_1_overlap/composite_agreement.tsv",
    output:
        *drawn("7_1_overlap/figure_5", "Fig 5: V_HI against the composite"),
    log:
        "<logs>/7_1_figure_5.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
        first=PLAN.sessions[0],
    message:
        "(2.7.1) Fig 5, V_HI against the composite reference"
    script:
        "../workflow_scripts/7_1_figure_5.py"
