# (vi) V_HI per joint: left and right, sacrum and ilium, upper and lower half, from disease region and T1w.
#
#   in   T1w, 3b_disease_region/{scan}.nii.gz, cleaned masks; SPARCC where the study has it
#   out  6_cleaning/joints/{scan}.nii.gz .json   eight quadrants of a scan (labels 1 to 8); the plane between left and right
#        6_cleaning/joints.tsv                   V_HI of every cleaned reading by side and bone
#        6_cleaning/joint_scores.tsv             inflamed quadrants of every slice, 0 to 8
#        6_cleaning/joint_totals.tsv             their sum over six slices beside SPARCC
#        6_cleaning/figure_joints.*              the four territories of a scan, and V_HI by joint


rule joint_territories:
    input:
        code("6_joint_territories.py"),
        t1w=of_scan("t1w"),
        disease_region="<results>/3b_disease_region/{scan}.nii.gz",
    output:
        labels="<results>/6_cleaning/joints/{scan}.nii.gz",
        about="<results>/6_cleaning/joints/{scan}.json",
    log:
        "<logs>/6_joint_territories/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
    message:
        "(vi) Side, bone and half of the joint of every voxel of {wildcards.scan}"
    script:
        "../workflow_scripts/6_joint_territories.py"


rule joints:
    input:
        code("6_joints.py"),
        labels=each("6_cleaning/joints/{scan}.nii.gz", "cleaned_scans"),
        about=each("6_cleaning/joints/{scan}.json", "cleaned_scans"),
        cleaned=lambda wildcards: [PLAN.cleaned_file(*key) for keys in PLAN.cleaned_scans.values() for key in keys],
        sparcc=PLAN.sparcc_scores,
    output:
        joints=shown("6_cleaning/joints.tsv", "V_HI by side and bone"),
        scores="<results>/6_cleaning/joint_scores.tsv",
        totals=shown("6_cleaning/joint_totals.tsv", "Inflamed quadrants beside SPARCC"),
    log:
        "<logs>/6_joints.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        limit=CONFIG["limits"]["vhi"],
        minimum_pixels=CONFIG["small_regions"]["minimum_pixels"],
        scans=lambda wildcards: list(PLAN.cleaned_scans),
        readings=planned("cleaned_rows"),
    message:
        "(vi) V_HI by side and bone, and inflamed quadrants"
    script:
        "../workflow_scripts/6_joints.py"


rule figure_joints:
    input:
        code("6_figure_joints.py"),
        joints="<results>/6_cleaning/joints.tsv",
        labels=lambda wildcards: f"<results>/6_cleaning/joints/{PLAN.joint_example}.nii.gz",
        about=lambda wildcards: f"<results>/6_cleaning/joints/{PLAN.joint_example}.json",
        region=lambda wildcards: f"<results>/3b_disease_region/{PLAN.joint_example}.nii.gz",
        t1w=lambda wildcards: PLAN.file_of(PLAN.joint_example, "t1w"),
    output:
        *drawn("6_cleaning/figure_joints", "V_HI by joint"),
    log:
        "<logs>/6_figure_joints.log",
    conda:
        "../envs/overlays.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scan=planned("joint_example"),
        sessions=PLAN.sessions,
    message:
        "(vi) Figure of the joints: territories of a scan, and V_HI by joint"
    script:
        "../workflow_scripts/6_figure_joints.py"
