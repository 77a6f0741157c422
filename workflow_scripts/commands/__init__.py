"""Commands of the Makefile: what is done around a run, not within it (`python -m commands.NAME`)."""
