"""Snakemake's command line, as a script that can be forked (vhi.io.warm)."""

from snakemake.cli import main

main()
