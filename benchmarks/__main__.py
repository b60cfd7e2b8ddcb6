"""Run with `python -m benchmarks`; `--help` lists the commands."""

from benchmarks.cli import main

main(prog_name="python -m benchmarks")
