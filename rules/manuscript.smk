# The study as an article, in the paper's order, with its own numbers, figures, tables and references.
#
#   in   the tables and figures that the study has (vhi/study/plan_manuscript.py), report/methods.txt
#   out  manuscript/article.html .docx


rule article:
    input:
        code("article.py"),
        **PLAN.article_tables,
        methods="<results>/report/methods.txt" if PLAN.all_read else [],
        figures=lambda wildcards: PLAN.article_figures,
        captions=lambda wildcards: [
            str(ROOT / f"rules/captions/{Path(path).stem}.rst") for path in PLAN.article_figures
        ],
    output:
        page="<results>/manuscript/article.html",
        document="<results>/manuscript/article.docx",
    log:
        "<logs>/article.log",
    conda:
        "../envs/manuscript.yaml"
    params:
        tables=list(PLAN.article_tables),
        facts=PLAN.article_facts,
    message:
        "The study as an article"
    script:
        "../workflow_scripts/article.py"
