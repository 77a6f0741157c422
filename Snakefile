"""V_HI, the volume of hyperintense inflammation: the study of Hepburn et al. (PLoS ONE 2023), its steps in the paper's order."""


include: "rules/study.smk"
include: "rules/engine.smk"
include: "rules/simulated_scans.smk"
include: "rules/1_normal_bone.smk"
include: "rules/2_threshold.smk"
include: "rules/3a_search.smk"
include: "rules/1_proposed.smk"  # its networks have folds as those of 3a
include: "rules/3a_ensemble.smk"
include: "rules/3a_test.smk"
include: "rules/3a_left_out.smk"
include: "rules/3b_disease_region.smk"
include: "rules/3c_trust.smk"
include: "rules/3c_review.smk"
include: "rules/4_inflammation.smk"
include: "rules/5_small_regions.smk"
include: "rules/6_cleaning.smk"
include: "rules/6_uncertainty.smk"
include: "rules/6b_packs.smk"
include: "rules/6b_books.smk"
include: "rules/cohort.smk"
include: "rules/7_1_overlap.smk"
include: "rules/7_2_agreement.smk"
include: "rules/7_3_responsiveness.smk"
include: "rules/7_3_responders.smk"
include: "rules/7_3_visits.smk"
include: "rules/7_4_disagreement.smk"
include: "rules/simulated_truth.smk"
include: "rules/overview.smk"
include: "rules/report.smk"
include: "rules/pages.smk"
include: "rules/notebooks.smk"
include: "rules/export.smk"
include: "rules/claims.smk"
include: "rules/compare.smk"
include: "rules/sample_size.smk"
include: "rules/targets.smk"


rule all:
    default_target: True
    input:
        lambda wildcards: PLAN.shown if IS_REPORT else PLAN.targets,
    localrule: True
    message:
        "Everything that the study's tables allow"


include: "rules/run.smk"
