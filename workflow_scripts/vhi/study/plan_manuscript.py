"""Plan of the manuscript: which tables and figures of a study its article is written from."""

from functools import cached_property

from vhi.study.plan_multiverse import Multiverses
from vhi.study.plan_networks import REGIONS

FIGURES = (
    "overview/figure_1", "3a_unet_training/figure_2", "3a_unet_training/figure_s1", "3b_disease_region/figure_s2",
    "5_small_regions/figure_3", "7_1_overlap/figure_4", "7_1_overlap/figure_5", "7_2_agreement/figure_7", "7_2_agreement/figure_6",
    "7_3_responsiveness/figure_8", "7_3_responsiveness/figure_9", "7_3_responsiveness/figure_visits",
    "6_cleaning/figure_uncertainty",
)  # fmt: skip
"""Figures in the order of the article; each is shown where the study has it."""


class Article(Multiverses):
    """Tables and figures of the article."""

    @cached_property
    def article_tables(self) -> dict[str, str]:
        """Path of each table that the study has, by the name that the templates know."""
        change = "<results>/7_3_responsiveness/"
        named = self.reported_tables | {
            "characteristics": "<results>/cohort/characteristics.tsv",
            "flow": "<results>/cohort/flow.tsv",
            "grras": "<results>/report/grras.tsv" if self.all_read else [],
            "gain": "<results>/7_1_overlap/gain.tsv" if self.all_read else [],
            "relation": "<results>/7_2_agreement/relation.tsv" if self.has_cleanings else [],
            "detectable_change": self.detectable_change,
            "change_error": self.change_error,
            "mixed_model": f"{change}mixed_model.tsv" if self.has_change else [],
            "failure_judged": f"{REGIONS}/failure_judged.tsv" if self.is_trained and self.segmentable else [],
            "claims": "<results>/claims.tsv" if self.study.tables["claims"] else [],
        }
        return {name: path for name, path in named.items() if path}

    @cached_property
    def article_figures(self) -> list[str]:
        """Figures of the article that the study has, in their order."""
        there = set(self.targets)
        return [f"<results>/{name}.png" for name in FIGURES if f"<results>/{name}.png" in there]

    @property
    def article_facts(self) -> dict:
        """What the article says of the study that no table holds."""
        config = self.config
        return {
            "title": config["title"],
            "simulated": bool(config["simulated"]),
            "imaged": bool(self.imaged),
            "readers": list(config["readers"]),
            "sessions": list(config["sessions"]),
            "session": self.primary_session,
            "rule": config["response"]["clinical_rule"] if self.study_table("clinical") else "",
            "networks": "failure_judged" in self.article_tables or bool(self.test_scans),
            "version": self.version,
        }

    @property
    def targets_of_manuscript(self) -> list[str]:
        """The article, as a page and as a text document."""
        return [f"<results>/manuscript/article.{kind}" for kind in ("html", "docx")]
