# The multiverse: outcomes of every universe, importance of the choices, joint inference, figures and page.
#
#   in   multiverse/masks/{group}/{masks}.tsv, 6_cleaning/measurements.tsv, SPARCC and clinical response
#   out  multiverse/universes.tsv, outcomes.tsv         choices and outcomes of every universe
#        multiverse/readings.tsv, segmentations.tsv     V_HI of every reading; every preliminary segmentation
#        multiverse/importance.tsv, joint.tsv           shares of the variance per choice; P over all universes at once
#        multiverse/figure_curve.*, figure_importance.*, figure_heat.*; page.html: pick a universe and see it


rule multiverse_outcomes:
    input:
        code("multiverse_outcomes.py"),
        masks=lambda wildcards: PLAN.multiverse_tables["masks"],
        measurements=lambda wildcards: PLAN.multiverse_tables["measurements"],
        sparcc=lambda wildcards: PLAN.multiverse_tables["sparcc"],
        clinical=lambda wildcards: PLAN.multiverse_tables["clinical"],
    output:
        universes=shown("multiverse/universes.tsv", "Universes", caption="multiverse_universes"),
        outcomes=shown("multiverse/outcomes.tsv", "Outcomes of every universe", caption="multiverse_outcomes"),
        readings="<results>/multiverse/readings.tsv",
        segmentations="<results>/multiverse/segmentations.tsv",
    log:
        "<logs>/multiverse_outcomes.log",
    conda:
        "../envs/statistics.yaml"
    resources:
        mem_mb=2000,
    params:
        multiverse=lambda wildcards: PLAN.multiverse_params,
        names=lambda wildcards: list(PLAN.multiverse_masks),
        groups=lambda wildcards: PLAN.multiverse_groups,
        visits=lambda wildcards: PLAN.multiverse_visits,
        readers=PLAN.cleaning_readers,
        first=PLAN.sessions[0],
    message:
        "Outcomes of every universe"
    script:
        "../workflow_scripts/multiverse_outcomes.py"


rule multiverse_importance:
    input:
        code("multiverse_importance.py"),
        universes="<results>/multiverse/universes.tsv",
        outcomes="<results>/multiverse/outcomes.tsv",
    output:
        shown("multiverse/importance.tsv", "Importance of every choice", caption="multiverse_importance"),
    log:
        "<logs>/multiverse_importance.log",
    conda:
        "../envs/statistics.yaml"
    message:
        "Importance of every choice"
    script:
        "../workflow_scripts/multiverse_importance.py"


rule multiverse_inference:
    input:
        code("multiverse_inference.py"),
        universes="<results>/multiverse/universes.tsv",
        readings="<results>/multiverse/readings.tsv",
        sparcc=lambda wildcards: PLAN.multiverse_tables["sparcc"],
    output:
        shown("multiverse/joint.tsv", "Joint inference over all universes", caption="multiverse_joint"),
    log:
        "<logs>/multiverse_inference.log",
    conda:
        "../envs/statistics.yaml"
    params:
        multiverse=lambda wildcards: PLAN.multiverse_params,
        visits=lambda wildcards: PLAN.multiverse_visits,
        readers=PLAN.cleaning_readers,
        first=PLAN.sessions[0],
        seed=CONFIG["statistics"]["seed"],
    message:
        "Joint inference over all universes"
    script:
        "../workflow_scripts/multiverse_inference.py"


rule figure_multiverse:
    input:
        code("figure_multiverse.py"),
        **{name: f"<results>/multiverse/{name}.tsv" for name in ("universes", "outcomes", "importance")},
        joint=lambda wildcards: PLAN.multiverse_joint,
    output:
        *drawn("multiverse/figure_curve", "Specification curve", caption="multiverse_curve"),
        *drawn("multiverse/figure_importance", "Importance of the choices", caption="multiverse_bars"),
        *drawn("multiverse/figure_heat", "Heat map of two choices", caption="multiverse_heat"),
    log:
        "<logs>/figure_multiverse.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
        heat_map=lambda wildcards: PLAN.multiverse.heat_map,
    message:
        "Figures of the multiverse"
    script:
        "../workflow_scripts/figure_multiverse.py"


rule multiverse_page:
    input:
        code("multiverse_page.py"),
        **{name: f"<results>/multiverse/{name}.tsv" for name in ("universes", "outcomes")},
        joint=lambda wildcards: PLAN.multiverse_joint,
    output:
        shown("multiverse/page.html", "Pick a universe", caption="multiverse_page"),
    log:
        "<logs>/multiverse_page.log",
    conda:
        "../envs/statistics.yaml"
    params:
        title=CONFIG["title"],
    message:
        "Page of the multiverse"
    script:
        "../workflow_scripts/multiverse_page.py"
