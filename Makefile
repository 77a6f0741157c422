# make demo|paper|test: everything else is set up on the way. Variables: STUDY, DATA, VARIANT, CORES, ARGS (for Snakemake).

PYTHON ?= python3
CORES ?= all
# The build of torch: cpu, or pypi, which on Linux has CUDA and takes several GB more. Other systems have one build.
TORCH ?= $(if $(filter Linux,$(shell uname -s)),$(if $(shell command -v nvidia-smi 2>/dev/null),pypi,cpu),pypi)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
STUDY ?= paper
VARIANT ?=
ARGS ?=
VENV := .venv
SETUP := $(VENV)/.set-up
SNAKEMAKE := $(VENV)/bin/snakemake --cores $(CORES)
CONFIG = --config "study=$(STUDY)" $(if $(DATA),"data=$(DATA)") $(if $(VARIANT),"variant=$(VARIANT)")
OF_STUDY = --study "$(STUDY)" $(if $(VARIANT),--variant "$(VARIANT)") $(if $(DATA),--data "$(DATA)")
STUDY_RESULTS = results/$(shell basename -- "$(STUDY)")
RESULTS = $(STUDY_RESULTS)$(if $(VARIANT),@$(VARIANT))
# DRY is empty in a real run; a comment on its line would not leave it empty.
LONG_ARGS = $(filter --%,$(ARGS))
DRY = $(filter --dry-run --dryrun,$(LONG_ARGS))$(findstring n,$(filter-out $(LONG_ARGS),$(filter -%,$(ARGS))))

export VHI_VERBOSE := $(VERBOSE)
# Without bytecode each job would compile all libraries that it imports, for three to six seconds.
unexport PYTHONDONTWRITEBYTECODE
VARIABLES := VERBOSE YES PYTHON CORES STUDY DATA VARIANT ARGS FROM KIND PATTERN IDENTIFIERS TITLE UPDATE IMAGES READER TASK PORT PROTOCOL A B VALUES SETUP WHEELS WEIGHTS
GIVEN := $(foreach word,$(MAKEOVERRIDES),$(firstword $(subst =, ,$(word))))
VARIABLES += TORCH TORCH_INDEX
UNKNOWN := $(firstword $(foreach name,$(filter-out $(VARIABLES),$(GIVEN)),$(if $(findstring command,$(origin $(name))),$(name))))
ifdef UNKNOWN
CAPITALS := $(shell echo "$(UNKNOWN)" | tr a-z A-Z)
$(error $(UNKNOWN)=... is no variable of this Makefile$(if $(filter $(CAPITALS),$(VARIABLES)),; write $(CAPITALS)=$($(UNKNOWN))). Known: $(VARIABLES))
endif

.PHONY: help setup lock index record-look verify resume export crate demo run preliminary review release paper paper-train download report report-zip pages summaries notebooks compare sample-size multiverse manuscript test lint docs docs-test docs-site bundle simulated-tables clean coverage packs read test-conda test-deploy test-slurm test-accidents scale

help:
	@echo "make setup [WHEELS=DIR]             one virtual environment, exactly pinned (WHEELS: without network, from a bundle)"
	@echo "make demo                           a complete study on simulated scans, with a report"
	@echo "make paper [DATA=DIR]               the paper's study on its public scans (downloaded without DATA)"
	@echo "make paper-train [PROTOCOL=fast|robust|thorough|paper] [DATA=DIR]   train the networks on the public scans"
	@echo "make index STUDY=NAME FROM=DIR      a study of your own, from BIDS, DICOM or NIfTI files"
	@echo "make run STUDY=NAME [DATA=DIR] [VARIANT=NAME]   any study"
	@echo "make preliminary STUDY=NAME         up to the segmentations that readers clean"
	@echo "make review STUDY=NAME              pages and sheet to assess the disease regions by eye"
	@echo "make packs STUDY=NAME [READER=R1]   what readers clean: a page per scan, blinded"
	@echo "make read STUDY=NAME READER=R1      serve the pages of all tasks (TASK=marrow, region, cleaning, scoring, agreeing) on this computer"
	@echo "make report STUDY=NAME              report.html of a finished run"
	@echo "make report-zip STUDY=NAME           the report with all that it shows as one zip file"
	@echo "make pages|summaries|notebooks STUDY=NAME   every scan, every subject, the walkthrough"
	@echo "make compare STUDY=NAME A=VARIANT B=VARIANT   two finished runs side by side (empty: without a variant)"
	@echo "make sample-size STUDY=NAME          subjects and readers of a next study, from a finished pilot"
	@echo "make multiverse STUDY=NAME          the conclusions under every open choice at once (multiverse.yaml)"
	@echo "make manuscript STUDY=NAME          the study as an article, HTML and DOCX, from a finished run"
	@echo "make resume|verify STUDY=NAME       after a kill or a power cut; whether every file is as it was made"
	@echo "make export|crate|release STUDY=NAME   as BIDS and DICOM SEG; as RO-Crate; the trained networks"
	@echo "make bundle [DATA=DIR] [WEIGHTS=NAME|DIR]   packages, workflow, scans and networks for a computer without network"
	@echo "make docs-site                      these documents as a site to read in a browser"
	@echo "make test|lint|docs|docs-test|lock  for those who change the project; on a quiet machine also"
	@echo "make test-accidents|test-slurm|test-conda|test-deploy|scale|coverage"
	@echo "Variables of setup: TORCH=cpu (the default on Linux without NVIDIA card) or pypi (on Linux with CUDA); PYTHON=python3.12"

TORCH_CPU = $(VENV)/bin/pip install --quiet --disable-pip-version-check --no-compile --no-deps --retries 1 --timeout 15 --index-url "$(TORCH_INDEX)" \
	  "$$(grep ^torch== requirements.txt)+cpu" 2>/dev/null || echo "$(TORCH_INDEX) gives no CPU build of torch here: the build of PyPI is installed, on Linux with CUDA (several GB more)."

setup: $(SETUP) # TORCH=cpu|pypi

$(SETUP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5) and "Python 3.11.5 or later is needed, found " + sys.version.split()[0] + "; set PYTHON=python3.11")'
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(if $(filter-out cpu pypi,$(TORCH)),$(error TORCH=$(TORCH): expected cpu or pypi))$(if $(filter cpu,$(TORCH)),$(if $(WHEELS),true,$(TORCH_CPU)),true)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-compile $(if $(WHEELS),--no-index --find-links "$(WHEELS)") -r requirements.txt \
	  $(if $(WHEELS),|| { echo "ERROR: WHEELS=$(WHEELS) lacks packages for this system or this Python; INSTALL.txt of the bundle names its own (docs/offline.md)" >&2; exit 1; })
	@touch $@

lock: # solve requirements.in anew
	rm -rf build/lock && $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet -r requirements.in
	build/lock/bin/pip freeze | sed 's/+cpu//' > requirements.txt && rm -rf build/lock
	$(PYTHON) envs/pin.py

demo: $(SETUP)
	@$(MAKE) --no-print-directory run STUDY=demo
	@$(if $(DRY),true,echo "Open results/demo/report.html; results/demo/simulated_truth/figure_accuracy.png sets V_HI beside the simulated truth.")

run: $(if $(filter file,$(origin STUDY)),no-study,$(SETUP))
	@$(SNAKEMAKE) $(ARGS) $(CONFIG)
	@$(MAKE) --no-print-directory report

.PHONY: no-study
no-study:
	@echo "ERROR: STUDY=NAME is missing: which study to run. Studies: $(sort $(filter-out template schemas,$(patsubst config/%/,%,$(wildcard config/*/))))" >&2; exit 1

COMMAND = PYTHONPATH=workflow_scripts $(VENV)/bin/python -m commands

index: $(SETUP) # STUDY=NAME FROM=DIR [KIND=bids|dicom|nifti] [PATTERN=...] [DATA=DIR] [IDENTIFIERS=keep] [UPDATE=yes] [YES=1]
	@$(COMMAND).index_cohort --study "$(if $(filter file,$(origin STUDY)),,$(STUDY))" --from "$(FROM)" $(if $(KIND),--kind "$(KIND)") $(if $(PATTERN),--pattern '$(PATTERN)') \
		$(if $(DATA),--data "$(DATA)") $(if $(IDENTIFIERS),--identifiers "$(IDENTIFIERS)") $(if $(TITLE),--title "$(TITLE)") $(if $(UPDATE),--update) $(if $(YES),--yes)

resume: $(SETUP) # after a kill or a power cut: orphans end, the lock goes, what is incomplete is made again
	@$(if $(DRY),true,$(COMMAND).clear_orphans --study "$(STUDY)" $(if $(VARIANT),--variant "$(VARIANT)"))
	@$(if $(DRY),true,test -z "$$(ls .snakemake/locks 2>/dev/null)" || $(SNAKEMAKE) --unlock $(CONFIG))
	@$(SNAKEMAKE) --rerun-incomplete $(ARGS) $(CONFIG)

export: $(SETUP) # BIDS derivatives, and DICOM SEG where DICOM went in
	@$(SNAKEMAKE) export $(ARGS) $(CONFIG)

crate: $(SETUP) # results/<study>/crate.zip: what made what, with checksums (RO-Crate)
	@$(COMMAND).crate $(OF_STUDY) $(if $(IMAGES),--images)

record-look: $(SETUP) # WHY="what for": looks at test scans, from the study's log into its committed test_looks.tsv
	@$(COMMAND).record_look $(OF_STUDY) --why "$(WHY)"

verify: $(SETUP)
	@$(COMMAND).verify $(OF_STUDY)

preliminary: $(SETUP)
	@$(SNAKEMAKE) preliminary $(ARGS) $(CONFIG)

packs: $(SETUP) # READER=R1 for one
	@$(SNAKEMAKE) packs $(ARGS) $(CONFIG) $(if $(READER),"reader=$(READER)")

PORT ?= 8733
read: $(SETUP) # READER=R1 for one, TASK=marrow|region|cleaning|scoring|agreeing for one
	@$(SNAKEMAKE) read $(ARGS) $(CONFIG) $(if $(READER),"reader=$(READER)") $(if $(TASK),"task=$(TASK)")
	@$(if $(DRY),true,PYTHONPATH=workflow_scripts $(VENV)/bin/python -m commands.reading_room $(OF_STUDY) --port $(PORT) \
		$(if $(READER),--reader "$(READER)") $(if $(TASK),--task "$(TASK)"))

paper: STUDY := paper
paper: $(SETUP) $(if $(DATA),,data/Bone_MRI)
	@$(MAKE) --no-print-directory run STUDY=paper

PROTOCOL ?= fast
release: $(SETUP) # weights for use with checksums and model card, of a study that trains
	@$(SNAKEMAKE) release $(ARGS) $(CONFIG)
	@echo "Release: $(RESULTS)/3a_unet_training/release"

review: $(SETUP) # pages and sheet to assess the disease regions by eye
	@$(SNAKEMAKE) review $(ARGS) $(CONFIG)
	@echo "Rate results in $(RESULTS)/3b_disease_region/review, save the sheet as region_review.tsv of the study, and run again."

paper-train: $(SETUP) $(if $(DATA),,data/Bone_MRI)
	@$(SNAKEMAKE) training $(ARGS) --config study=paper "variant=train-$(PROTOCOL)" $(if $(DATA),"data=$(DATA)")

data/Bone_MRI: | $(SETUP)
	@$(if $(DRY),true,rm -f results/paper/0_scans/download.tsv) # says that the data are there, and they are not
	@$(SNAKEMAKE) download_public_data $(ARGS) --config study=paper

download: data/Bone_MRI

report: $(SETUP)
	@$(SNAKEMAKE) --quiet progress rules host $(ARGS) $(CONFIG) "only=scan_page cohort_page patient_summary pages" -- pages \
	  || echo "The pages on scans and subjects stay as they were: something that they show is not there."
	@$(if $(DRY),echo "Dry run: nothing was written.",$(MAKE) --no-print-directory report.html)

.PHONY: report.html
report.html:
	@$(COMMAND).inventory $(OF_STUDY)
	@mkdir -p "$(RESULTS)/logs"
	@$(SNAKEMAKE) --allowed-rules report_page --forcerun report_page $(CONFIG) -- "$(RESULTS)/report.html" > "$(RESULTS)/logs/report.log" 2>&1 || { cat "$(RESULTS)/logs/report.log"; exit 1; }
	@echo "Open $(RESULTS)/report.html$(if $(wildcard $(RESULTS)/report/scans.html),; every scan$(comma) sorted by review priority: $(RESULTS)/report/scans.html)"

report-zip: $(SETUP) # the report with all that it shows, to be sent
	@$(COMMAND).report_zip $(OF_STUDY)

pages: $(SETUP) # one on each scan, sorted by review priority, and one on each subject
	@$(SNAKEMAKE) pages $(ARGS) $(CONFIG)
	@echo "Open $(RESULTS)/report/scans.html; one page per subject lies in $(RESULTS)/report/subjects."

summaries: $(SETUP) # one page per subject, in plain words, as PNG and PDF
	@$(SNAKEMAKE) summaries $(ARGS) $(CONFIG)
	@echo "One page per subject lies in $(RESULTS)/report/subjects."

notebooks: $(SETUP) # executed on the study
	@$(SNAKEMAKE) notebooks $(ARGS) $(CONFIG)
	@echo "Open $(RESULTS)/notebooks/walkthrough.html; the .ipynb beside it can be changed and run again."

A ?= base
B ?= base
COMPARED = $(STUDY_RESULTS)/compare/$(or $(A),base)_vs_$(or $(B),base)
compare: $(SETUP) # of runs that are there: no other rule is allowed to start
	@$(SNAKEMAKE) --quiet progress rules host $(ARGS) --allowed-rules compare_variants figure_compare \
	  --config "study=$(STUDY)" $(if $(DATA),"data=$(DATA)") -- "$(COMPARED)/figure_compare.png"
	@echo "Open $(COMPARED)/figure_compare.png; the tables lie beside it, summary.tsv first."

sample-size: $(SETUP) # of a run that is there: no other rule is allowed to start
	@$(SNAKEMAKE) --quiet progress rules host $(ARGS) --allowed-rules sample_size figure_sample_size $(CONFIG) -- "$(RESULTS)/sample_size/figure.png"
	@$(if $(DRY),true,cat "$(RESULTS)/sample_size/sentence.txt")

manuscript: $(SETUP) # of a run that is there: no other rule is allowed to start
	@$(SNAKEMAKE) --quiet progress rules host $(ARGS) --allowed-rules article manuscript $(CONFIG) -- manuscript \
	  || { echo "The article needs a finished run: make run STUDY=$(STUDY)"; exit 1; }
	@$(if $(DRY),true,echo "Open $(RESULTS)/manuscript/article.html; article.docx beside it is the same text for a word processor.")

multiverse: $(SETUP) # of config/<study>/multiverse.yaml; what a run has made is used
	@$(SNAKEMAKE) multiverse $(ARGS) $(CONFIG)
	@$(if $(DRY),true,echo "Open $(RESULTS)/multiverse/page.html; the tables and figures lie beside it.")

test: $(SETUP) # the first calls compile matplotlib's font list and the like: let one worker do that
	@$(VENV)/bin/python -c 'import matplotlib.font_manager'
	@OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-conda: $(SETUP) # each environment of envs/ built, and a small study run in them
	@OMP_NUM_THREADS=1 $(VENV)/bin/python tests/campaigns/conda_study.py build/conda --quiet rules

test-deploy: $(SETUP) # the demo (ARGS=small: a small study) as others load it: module, snakedeploy, --directory, spaces, read-only
	@OMP_NUM_THREADS=1 $(VENV)/bin/python tests/campaigns/deploy.py build/deploy-$$(date +%Y%m%d-%H%M%S) $(ARGS)

test-slurm: $(SETUP) # a small study (ARGS=demo: the demo) on a real Slurm of this machine, as root on Debian; jobs die, all ends well
	@tests/campaigns/slurm.sh install
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target build/slurm/plugin -r profiles/slurm/requirements.txt
	@tests/campaigns/slurm.sh start
	@PYTHONPATH="$(CURDIR)/build/slurm/plugin" $(VENV)/bin/python tests/campaigns/slurm_study.py build/slurm/run-$$(date +%Y%m%d-%H%M%S) $(ARGS); \
	  code=$$?; tests/campaigns/slurm.sh stop; exit $$code

test-accidents: $(SETUP) # 100 kills, at most 45 minutes
	@$(VENV)/bin/python benchmarks/accidents.py build/accidents-$$(date +%Y%m%d-%H%M%S) --table docs/accidents.tsv $(ARGS)

scale: $(SETUP) # plans of 10 to 1,000 subjects; the table and plot of docs/scale.md
	@$(VENV)/bin/python benchmarks/scale.py build/scale --table docs/scale.tsv --figure docs/images/scale.png $(ARGS)

lint: $(SETUP)
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/snakefmt --check Snakefile rules
	@$(VENV)/bin/snakemake --lint $(CONFIG)

coverage: $(SETUP) # of the 95 % intervals, on four populations; resumable, half an hour on one core
	@OMP_NUM_THREADS=1 $(VENV)/bin/python benchmarks/coverage.py $(ARGS)

docs: $(SETUP)
	@$(VENV)/bin/python docs/config_reference.py

docs-test: $(SETUP) # every command of README and docs, in a copy of the checkout; takes half an hour
	@$(VENV)/bin/python docs/run_commands.py

docs-site: $(SETUP) # the documents as pages that open from the disk, with a search
	@$(VENV)/bin/python docs/build_site.py

bundle: $(SETUP) # DATA=DIR, WEIGHTS=NAME|DIR: all that a computer without network needs
	@$(COMMAND).bundle $(if $(DATA),--data "$(DATA)") $(if $(WEIGHTS),--weights "$(WEIGHTS)")

simulated-tables: $(SETUP) # tables of config/demo, simulated and trial, from their design and seed
	@$(VENV)/bin/python docs/simulated_tables.py

clean: # virtual environment and caches; results and data stay
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis build
