# Masks that other tools saved as NRRD (ITK-SNAP, 3D Slicer) or DICOM SEG, put onto the grid of their scan as NIfTI.
#
#   in   masks of scans.tsv, readings.tsv or the reading room that end in .nrrd, .seg.nrrd or .dcm; the scan
#   out  0_masks/{name}.nii.gz        the same voxels; every other step reads this file


def tool_mask_of(wildcards):
    """What the plan knows of the mask behind a file of 0_masks."""
    return STUDY.tool_masks[f"results/{STUDY.label}/0_masks/{wildcards.name}.nii.gz"]


rule tool_mask:
    input:
        code("tool_mask.py"),
        mask=lambda wildcards: tool_mask_of(wildcards)["file"],
        grids=lambda wildcards: tool_mask_of(wildcards)["grids"],
    output:
        "<results>/0_masks/{name}.nii.gz",
    log:
        "<logs>/tool_mask/{name}.log",
    wildcard_constraints:
        name="[^/]+",
    conda:
        "../envs/dicom.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        use=lambda wildcards: tool_mask_of(wildcards)["use"],
    message:
        "Mask {wildcards.name}, saved by another tool"
    script:
        "../workflow_scripts/tool_mask.py"
