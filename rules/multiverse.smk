# The multiverse: every open choice at once (make multiverse STUDY=). Voxel numbers of every mask; multiverse_results.smk has the rest.
#
#   in   what steps (i) to (vi) started from and made; config/<study>/multiverse.yaml
#   out  multiverse/regions/{group}/{scan}.nii.gz          disease region of the source that the config does not take
#        multiverse/unshaded/{group}/{scan}.nii.gz         STIR without shading in that region
#        multiverse/voxels/{folder}/{scan}.npz             what a sweep over limits needs, cut to the region
#        multiverse/masks/{group}/{masks}.tsv              voxel numbers of every scan, segmentation and reading


wildcard_constraints:
    group="both|manual_where_present|ensemble",
    folder="(both|manual_where_present|ensemble)_(none|n4)",
    masks=r"[\w.+-]+",


use rule choose_disease_region as multiverse_region with:
    input:
        code("3b_choose_disease_region.py"),
        t1w=of_scan("t1w"),
        region=lambda wildcards: PLAN.chosen_region(wildcards.scan, wildcards.group)[1],
        stir=lambda wildcards: PLAN.scans[wildcards.scan]["stir"],
    output:
        region="<results>/multiverse/regions/{group}/{scan}.nii.gz",
        about="<results>/multiverse/regions/{group}/{scan}.json",
    log:
        "<logs>/multiverse_region/{group}_{scan}.log",
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        resample=CONFIG["disease_region"]["resample"],
        source=lambda wildcards: PLAN.chosen_region(wildcards.scan, wildcards.group)[0],
        file=None,
    message:
        "Other disease region of {wildcards.scan}"


use rule unshaded as multiverse_unshaded with:
    input:
        code("2_unshaded.py"),
        stir=of_scan("stir"),
        disease_region="<results>/multiverse/regions/{group}/{scan}.nii.gz",
    output:
        "<results>/multiverse/unshaded/{group}/{scan}.nii.gz",
    log:
        "<logs>/multiverse_unshaded/{group}_{scan}.log",
    message:
        "STIR of {wildcards.scan} without shading, in its other disease region"


rule multiverse_voxels:
    input:
        code("multiverse_voxels.py"),
        stir=lambda wildcards: PLAN.stir_of_group(wildcards.scan, *wildcards.folder.rsplit("_", 1)),
        disease_region=lambda wildcards: PLAN.region_of_group(wildcards.scan, wildcards.folder.rsplit("_", 1)[0]),
        normal_marrow=lambda wildcards: PLAN.scans[wildcards.scan]["normal_marrow"] or [],
        preliminary=lambda wildcards: PLAN.judged_segmentation(wildcards.scan),
        cleaned=lambda wildcards: list(PLAN.cleaned_of([wildcards.scan]).values()),
        manual=lambda wildcards: PLAN.manual_masks(wildcards.scan),
    output:
        "<results>/multiverse/voxels/{folder}/{scan}.npz",
    log:
        "<logs>/multiverse_voxels/{folder}_{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        votes=CONFIG["overlap"]["composite_votes"],
        readers=lambda wildcards: [reader for _, reader in PLAN.cleaned_of([wildcards.scan])],
    message:
        "Voxels of {wildcards.scan} for the multiverse"
    script:
        "../workflow_scripts/multiverse_voxels.py"


rule multiverse_masks:
    input:
        code("multiverse_masks.py"),
        voxels=lambda wildcards: PLAN.multiverse_voxels(f"{wildcards.group}/{wildcards.masks}"),
    output:
        "<results>/multiverse/masks/{group}/{masks}.tsv",
    log:
        "<logs>/multiverse_masks/{group}_{masks}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        scans=lambda wildcards: PLAN.multiverse_masks[f"{wildcards.group}/{wildcards.masks}"]["scans"],
        limit_rule=lambda wildcards: PLAN.multiverse_masks[f"{wildcards.group}/{wildcards.masks}"]["limit_rule"],
        small_regions=lambda wildcards: PLAN.multiverse_masks[f"{wildcards.group}/{wildcards.masks}"]["small_regions"],
    message:
        "Voxel numbers of {wildcards.group}, {wildcards.masks}"
    script:
        "../workflow_scripts/multiverse_masks.py"
