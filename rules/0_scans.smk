# 0 Scans: where they come from. The paper's public repository can be downloaded at its pinned commit.
#
#   in   config `download`: address and manifest of checksums
#   out  the data folder of the study, every file of the manifest checked
#        0_scans/download.tsv    each file, and whether the manifest knows it


rule download_public_data:
    input:
        code("0_download_public_data.py"),
        manifest=f"{STUDY.folder}/{CONFIG['download']['manifest']}" if CONFIG["download"] else [],
    output:
        "<results>/0_scans/download.tsv",
    log:
        "<logs>/0_download_public_data.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        url=CONFIG["download"]["url"] if CONFIG["download"] else None,
        folder=CONFIG["data"],
    message:
        f"Download the scans of study {STUDY.name}"
    script:
        "../workflow_scripts/0_download_public_data.py"
