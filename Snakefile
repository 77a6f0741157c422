"""V_HI, the volume of hyperintense inflammation: the study of Hepburn et al. (PLoS ONE 2023), its steps in the paper's order."""

# The networks of 1_proposed have folds as those of 3a.
RULES = """
study engine engine_speed simulated_scans tool_mask
1_normal_bone 2_threshold
3a_search 1_proposed 3a_ensemble 3a_test 3a_left_out
3b_disease_region 3b_by_command 3c_trust 3c_review
4_inflammation 5_small_regions
6_cleaning 6_uncertainty 6_joints 6b_packs 6b_books
cohort 7_1_overlap 7_2_agreement 7_3_responsiveness 7_3_responders 7_3_visits 7_4_disagreement
simulated_truth overview report pages notebooks export claims
compare sample_size multiverse multiverse_results manuscript
targets
"""

for name in RULES.split():

    include: f"rules/{name}.smk"


rule all:
    default_target: True
    input:
        lambda wildcards: PLAN.targets,
    localrule: True
    message:
        "Everything that the study's tables allow"


include: "rules/run.smk"
