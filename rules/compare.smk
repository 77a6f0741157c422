# What a change of method does: two variants of a study that have been run, side by side (make compare STUDY= A= B=).
#
#   in   limits, preliminary segmentations, measurements and Dice scores of both
#   out  compare/{a}_vs_{b}/config.tsv       keys in which they differ
#        compare/{a}_vs_{b}/scans.tsv        limits and preliminary voxels per scan
#        compare/{a}_vs_{b}/readings.tsv     V_HI per reading
#        compare/{a}_vs_{b}/dice.tsv         Dice per scan and pair of readings
#        compare/{a}_vs_{b}/agreement.tsv    limits of agreement between the readers, within each
#        compare/{a}_vs_{b}/summary.tsv      every quantity, paired
#        compare/{a}_vs_{b}/figure_compare.*

from vhi.study.compared import variant_config, variant_files

COMPARED = f"results/{STUDY.name}/compare/{{a}}_vs_{{b}}"


wildcard_constraints:
    a=r"[\w-]+?",
    b=r"[\w-]+",


rule compare_variants:
    input:
        code("compare_variants.py"),
        a=lambda wildcards: variant_files(PLAN, wildcards.a),
        b=lambda wildcards: variant_files(PLAN, wildcards.b),
    output:
        **{
            table: f"{COMPARED}/{table}.tsv"
            for table in ("config", "scans", "readings", "dice", "agreement", "summary")
        },
    log:
        f"results/{STUDY.name}/logs/compare_variants/{{a}}_vs_{{b}}.log",
    conda:
        "../envs/statistics.yaml"
    params:
        config_a=lambda wildcards: variant_config(PLAN, wildcards.a),
        config_b=lambda wildcards: variant_config(PLAN, wildcards.b),
    message:
        "Compare {wildcards.a} and {wildcards.b}"
    script:
        "../workflow_scripts/compare_variants.py"


rule figure_compare:
    input:
        code("figure_compare.py"),
        **{table: f"{COMPARED}/{table}.tsv" for table in ("scans", "readings", "dice", "agreement")},
    output:
        f"{COMPARED}/figure_compare.png",
        f"{COMPARED}/figure_compare.svg",
    log:
        f"results/{STUDY.name}/logs/figure_compare/{{a}}_vs_{{b}}.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
    message:
        "Figure of {wildcards.a} beside {wildcards.b}"
    script:
        "../workflow_scripts/figure_compare.py"
