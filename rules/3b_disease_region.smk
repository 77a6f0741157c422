# (iii) Disease region: all bone of the imaged pelvis, on the T1w grid.
#
#   in   T1w scan, weights of the ensemble (files, trained, or by name); a manual or corrected mask where scans.tsv names one
#   out  data/ensembles/{ensemble}/{member}                weights of an ensemble by name, each checked
#        3b_disease_region/ensemble/{scan}.nii.gz .json    the ensemble's, for every scan, and what it says of itself
#        3b_disease_region/ensemble/{scan}_probability.*   mean probability, per cent
#        3b_disease_region/{scan}.nii.gz .json             the one that is used, and where it came from
#        3b_disease_region/ensemble.tsv                    the ensemble's beside the drawn ones, and what it changes
#        3b_disease_region/resampled.tsv                   what was lost where a region was carried onto another grid


rule download_member:
    input:
        code("3b_download_member.py"),
    output:
        "data/ensembles/{ensemble}/{member}",
    log:
        "<logs>/3b_download_member/{ensemble}_{member}.log",
    wildcard_constraints:
        ensemble="[A-Za-z0-9_-]+",
        member=r"[A-Za-z0-9_.-]+\.(pt|safetensors)",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        member=lambda wildcards: named_member(wildcards.ensemble, wildcards.member),
    message:
        "(iii) Fetch {wildcards.member} of the pretrained ensemble '{wildcards.ensemble}'"
    script:
        "../workflow_scripts/3b_download_member.py"


rule segment_disease_region:
    input:
        code("3b_segment_disease_region.py"),
        t1w=of_scan("t1w"),
        members=ensemble_members(),
    output:
        region="<results>/3b_disease_region/ensemble/{scan}.nii.gz",
        probability="<results>/3b_disease_region/ensemble/{scan}_probability.nii.gz",
        about="<results>/3b_disease_region/ensemble/{scan}.json",
    log:
        "<logs>/3b_segment_disease_region/{scan}.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        precision=CONFIG["ensemble"]["precision"],
        threads=CONFIG["ensemble"]["threads"],
        averaged=averaged_views(),
        rounding=rounding(),
    message:
        "(iii) Disease region of {wildcards.scan} by the ensemble"
    script:
        "../workflow_scripts/3b_segment_disease_region.py"


rule choose_disease_region:
    input:
        code("3b_choose_disease_region.py"),
        t1w=of_scan("t1w"),
        region=lambda wildcards: chosen_region(wildcards.scan)[1],
        stir=lambda wildcards: SCANS[wildcards.scan]["stir"] or [],
    output:
        region="<results>/3b_disease_region/{scan}.nii.gz",
        about="<results>/3b_disease_region/{scan}.json",
    log:
        "<logs>/3b_choose_disease_region/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        resample=CONFIG["disease_region"]["resample"],
        source=lambda wildcards: chosen_region(wildcards.scan)[0],
        file=lambda wildcards: chosen_region_file(wildcards.scan),
    message:
        "(iii) Disease region that is used for {wildcards.scan}"
    script:
        "../workflow_scripts/3b_choose_disease_region.py"


rule compare_disease_regions:
    input:
        code("3b_compare_disease_regions.py"),
        ensemble=lambda wildcards: expand("<results>/3b_disease_region/ensemble/{scan}.nii.gz", scan=segmentable()),
        stir=lambda wildcards: [
            SCANS[scan][column] for scan in measured_in_ensemble() for column in ("stir", "normal_bone")
        ],
        limits=lambda wildcards: expand("<results>/2_threshold/{scan}.json", scan=measured_in_ensemble()),
        drawn=lambda wildcards: [path for scan in segmentable() for path in drawn_regions(scan).values()],
    output:
        "<results>/3b_disease_region/ensemble.tsv",
    log:
        "<logs>/3b_compare_disease_regions.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        exclude_normal_bone=CONFIG["normal_bone"]["exclude_from_disease_region"],
        small_regions=CONFIG["small_regions"],
        resample=CONFIG["disease_region"]["resample"],
        scans=segmentable_rows(),
    message:
        "(iii) The ensemble's disease regions beside the drawn ones"
    script:
        "../workflow_scripts/3b_compare_disease_regions.py"


rule resampled_regions:
    input:
        code("3b_resampled_regions.py"),
        about=lambda wildcards: expand("<results>/3b_disease_region/{scan}.json", scan=measurable()),
    output:
        report(
            "<results>/3b_disease_region/resampled.tsv",
            category="3 Disease region",
            labels={"table": "Regions carried onto another grid"},
            caption="captions/resampled_regions.rst",
        ),
    log:
        "<logs>/3b_resampled_regions.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "(iii) What carrying the regions onto another grid did to them"
    script:
        "../workflow_scripts/3b_resampled_regions.py"
