# (iii) U-Net training: the members of an ensemble, and their release.
#
#   in   3a_unet_training/selected.json, T1w scans and manual disease regions
#   out  3a_unet_training/selected/{part}/run-{run}_seed-{seed}/    members trained on the training scans (train), or on all
#        3a_unet_training/release/*                                 weights, failure model, checksums, model card


rule train_member:
    input:
        code("3a_train_member.py"),
        selected="<results>/3a_unet_training/selected.json",
        scans=lambda wildcards: PLAN.annotated_files(*ROLES[wildcards.part]),
    output:
        weights="<results>/3a_unet_training/selected/{part}/run-{run}_seed-{seed}/weights.safetensors",
        progress="<results>/3a_unet_training/selected/{part}/run-{run}_seed-{seed}/progress.tsv",
    log:
        "<logs>/3a_train_member/{part}_{run}_{seed}.log",
    conda:
        "../envs/unet.yaml"
    threads: PLAN.training["threads"]
    resources:
        mem_mb=3000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=lambda wildcards: PLAN.annotated(*ROLES[wildcards.part]),
        threads=PLAN.training["threads"],
        abnormal_marrow=PLAN.training["abnormal_marrow"],
    message:
        "(iii) Train member {wildcards.run} on the scans of part '{wildcards.part}'"
    script:
        "../workflow_scripts/3a_train_member.py"


rule release_networks:
    input:
        code("3a_release_networks.py"),
        members=PLAN.trained_members("all"),
        selected="<results>/3a_unet_training/selected.json",
        cross_validation="<results>/3a_unet_training/cross_validation.tsv",
        test=PLAN.test_dice_table if PLAN.is_trained else [],
        judged="<results>/3b_disease_region/failure_judged.tsv",
        failure_model="<results>/3b_disease_region/failure_model.json",
        regions=PLAN.files_of(PLAN.annotated("train", "test"), "disease_region"),
    output:
        members=expand(
            "<results>/3a_unet_training/release/member-{n}.safetensors", n=range(1, PLAN.training["members"] + 1)
        ),
        failure_model="<results>/3a_unet_training/release/failure_model.json",
        checksums="<results>/3a_unet_training/release/SHA256SUMS",
        card="<results>/3a_unet_training/release/MODEL_CARD.md",
    log:
        "<logs>/3a_release_networks.log",
    conda:
        "../envs/unet.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        facts={
            "title": CONFIG["title"],
            "simulated": CONFIG["simulated"],
            "protocol": PLAN.training["protocol"],
            "mirrored": CONFIG["ensemble"]["mirrored"],
            "scales": CONFIG["ensemble"]["scales"],
            **PLAN.averaging["rounding"],
            "subjects": len({PLAN.scans[scan]["subject"] for scan in PLAN.annotated("train", "test")}),
            "scans": len(PLAN.annotated("train", "test")),
        },
    message:
        "(iii) Release files of the trained networks"
    script:
        "../workflow_scripts/3a_release_networks.py"
