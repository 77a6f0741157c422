# Claims: the numbers and conclusions that the paper prints, beside ours.
#
#   in   config/<study>/claims.tsv, tables of the steps before
#   out  claims.tsv     id section statement published printed ours implied tolerance status rests_on note
#        claims.html    the same as a page of the report


CLAIMED_SETTINGS = ("limits", "small_regions", "overlap", "clinical", "response", "training", "ensemble")


rule claims:
    input:
        code("claims.py"),
        claims=f"{STUDY.folder}/claims.tsv",
        scans=lambda wildcards: [PLAN.scans[scan]["stir"] or PLAN.scans[scan]["t1w"] for scan in PLAN.scans],
        measurements="<results>/6_cleaning/measurements.tsv" if PLAN.all_read else [],
        dice="<results>/7_1_overlap/dice.tsv" if PLAN.all_read else [],
        composite="<results>/7_1_overlap/composite.tsv" if PLAN.all_read else [],
        learning_curves="<results>/3a_unet_training/published_learning_curves.tsv" if PLAN.has_learning_curves else [],
        test_dice=PLAN.published_file("model_training/test_data_overlap.txt"),
        trained_test_dice=PLAN.whole_protocol("trained_test_dice.tsv"),
        selected=PLAN.whole_protocol("selected.json"),
    output:
        table="<results>/claims.tsv",
        page=shown("claims.html", "The paper's numbers beside ours"),
    log:
        "<logs>/claims.log",
    conda:
        "../envs/statistics.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=PLAN.claims_rows,
        claims=[dict(row) for row in STUDY.tables["claims"]],
        config={key: CONFIG[key] for key in CLAIMED_SETTINGS},
        title=CONFIG["title"],
    message:
        "Claims of the paper beside ours"
    script:
        "../workflow_scripts/claims.py"
