# (vi) Cleaning: a radiologist removes from the preliminary segmentation what is not inflammation; what remains is V_HI.
#
#   in   5_small_regions/{scan}.nii.gz, the record or mask that a reader hands in (readings.tsv, or the reading room)
#   out  6_cleaning/{reader}/{trial}/{scan}.nii.gz    labels 1 and 2 of what the reader kept
#        6_cleaning/{reader}/{trial}/{scan}.json      what was removed, whole or in part
#        6_cleaning/{reader}/{trial}/{scan}_record.json   the record it was made from; a mask is turned into one
#        6_cleaning/measurements.tsv                  V_HI of every reading


rule ingest_cleaned_mask:
    input:
        code("6_ingest_cleaned_mask.py"),
        preliminary="<results>/5_small_regions/{scan}.nii.gz",
        cleaned=lambda wildcards: PLAN.handed_in(wildcards.scan, wildcards.reader, wildcards.trial),
        schema=PLAN.record_schema,
    output:
        mask="<results>/6_cleaning/{reader}/{trial}/{scan}.nii.gz",
        about="<results>/6_cleaning/{reader}/{trial}/{scan}.json",
        record="<results>/6_cleaning/{reader}/{trial}/{scan}_record.json",
    log:
        "<logs>/6_ingest_cleaned_mask/{reader}_{trial}_{scan}.log",
    conda:
        "../envs/reading_room.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        added_voxels=CONFIG["cleaning"]["added_voxels"],
        max_cut_share=CONFIG["cleaning"]["max_cut_share"],
        max_added_share=CONFIG["cleaning"]["max_added_share"],
        key=lambda wildcards: PLAN.key_handed_in(wildcards.scan, wildcards.reader, wildcards.trial),
    message:
        "(vi) Cleaned mask of {wildcards.scan} by {wildcards.reader}, trial {wildcards.trial}"
    script:
        "../workflow_scripts/6_ingest_cleaned_mask.py"


rule measurements:
    input:
        code("6_measurements.py"),
        masks=planned("reading_masks"),
        stir=lambda wildcards: [
            PLAN.scans[scan]["stir"]
            for scan in sorted({row["scan"] for row in PLAN.readings.values()})
            if PLAN.scans[scan]["stir"]
        ],
    output:
        shown("6_cleaning/measurements.tsv", "V_HI of every reading"),
    log:
        "<logs>/6_measurements.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        limit=CONFIG["limits"]["vhi"],
        readings=PLAN.reading_rows,
    message:
        "(vi) V_HI of every reading"
    script:
        "../workflow_scripts/6_measurements.py"
