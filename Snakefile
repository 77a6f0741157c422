"""V_HI, the volume of hyperintense inflammation: the study of Hepburn et al. (PLoS ONE 2023) as a workflow.

The rules follow the paper: steps (i) to (vi) of section 2.5 first, then section 2.7. A study is a folder under config/;
choose it with `--config study=NAME`, its data folder with `data=DIR`, an overlay of its config with `variant=NAME`.
"""

from snakemake.utils import min_version

min_version("9.14")


include: "rules/common.smk"
include: "rules/inputs/cohort.smk"
include: "rules/inputs/integrity.smk"
include: "rules/inputs/export.smk"
include: "rules/inputs/provenance.smk"
include: "rules/inputs/batches.smk"
include: "rules/inputs/statistics.smk"
include: "rules/inputs/reading_room.smk"
include: "rules/inputs/quality.smk"
include: "rules/inputs/normal_bone.smk"
include: "rules/inputs/response.smk"
include: "rules/inputs/compare.smk"
include: "rules/inputs/scan_figures.smk"
include: "rules/inputs/reporting.smk"
include: "rules/inputs/pages.smk"
include: "rules/inputs/report.smk"
include: "rules/0_scans.smk"
include: "rules/1_normal_bone.smk"
include: "rules/2_threshold.smk"
include: "rules/3a_unet_training.smk"
include: "rules/3b_disease_region.smk"
include: "rules/3b_quality.smk"
include: "rules/4_inflammation.smk"
include: "rules/5_small_regions.smk"
include: "rules/6_cleaning.smk"
include: "rules/6b_reading_room.smk"
include: "rules/7_0_cohort.smk"
include: "rules/7_1_overlap.smk"
include: "rules/7_2_agreement.smk"
include: "rules/7_3_responsiveness.smk"
include: "rules/7_4_failure.smk"
include: "rules/7_5_truth.smk"
include: "rules/8_scan_figures.smk"
include: "rules/8_reporting.smk"
include: "rules/9_pages.smk"
include: "rules/9_notebooks.smk"
include: "rules/8_export.smk"
include: "rules/9_provenance.smk"
include: "rules/claims.smk"
include: "rules/compare.smk"
include: "rules/batches.smk"
include: "rules/report.smk"
include: "rules/resources.smk"
include: "rules/scheduling.smk"


report: "rules/captions/workflow.rst"


rule all:
    default_target: True
    input:
        lambda wildcards: shown_in_report(targets_of_all()),
    localrule: True
    message:
        "Everything that the study's tables allow"


rule preliminary:
    input:
        lambda wildcards: preliminary_segmentations(),
    localrule: True
    message:
        "Preliminary segmentations, what a reader cleans"


rule normal_bone:
    input:
        lambda wildcards: normal_bone_comparison(),
    localrule: True
    message:
        "Drawn normal marrow beside what networks propose"


rule release:
    input:
        lambda wildcards: release_files(),
    localrule: True
    message:
        "Trained networks with checksums and model card"


rule review:
    input:
        "<results>/3b_disease_region/review/region_review.tsv",
    localrule: True
    message:
        "Pages and sheet for the visual assessment of the disease regions"


rule packs:
    input:
        lambda wildcards: targets_of_packs(),
    localrule: True
    message:
        "What readers clean: a page per scan, blinded"


rule notebooks:
    input:
        lambda wildcards: targets_of_notebooks(),
    localrule: True
    message:
        "Notebooks, executed on the study"


rule pages:
    input:
        lambda wildcards: targets_of_pages() + targets_of_summaries(),
    localrule: True
    message:
        "A page on each scan and on each subject"


rule summaries:
    input:
        targets_of_summaries(),
    localrule: True
    message:
        "One page per subject, in plain words"


rule training:
    input:
        lambda wildcards: targets_of_training(),
    localrule: True
    message:
        "Cross-validation, test, and the ensemble for use"


rule leave_one_out:
    input:
        lambda wildcards: targets_of_leave_one_out(),
    localrule: True
    message:
        "Each annotated subject by a network that has not seen it"


onstart:
    look_once_per_job()
    OPEN.touch()


onsuccess:
    tell_manifest()
    tell_what_is_next()


onerror:
    tell_manifest()
    tell_what_failed()
