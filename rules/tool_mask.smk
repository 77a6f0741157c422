# Masks that other tools saved as NRRD (ITK-SNAP, 3D Slicer) or DICOM SEG, put onto the grid of their scan as NIfTI.
#
#   in   masks of scans.tsv, readings.tsv or the reading room that end in .nrrd, .seg.nrrd or .dcm; the scan
#   out  0_masks/{name}.nii.gz        the same voxels; every other step reads this file


rule tool_mask:
    input:
        code("tool_mask.py"),
        mask=lambda wildcards: STUDY.tool_masks[wildcards.name]["file"],
        grids=lambda wildcards: STUDY.tool_masks[wildcards.name]["grids"],
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
        use=lambda wildcards: STUDY.tool_masks[wildcards.name]["use"],
    message:
        "Mask {wildcards.name}, saved by another tool"
    script:
        "../workflow_scripts/tool_mask.py"
