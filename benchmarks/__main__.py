"""`python -m benchmarks`: see its --help."""

from benchmarks.cli import main

main(prog_name="python -m benchmarks")
