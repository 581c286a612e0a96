"""The benchmarks behind `make bench`.

A bench is a module here with `run(stage: Stage) -> Iterator[Figure]`, entered by its name in `catalogue.py`.
It gets a fresh installation and a simulator of its own (`stage.installation`, `stage.wavy`), scales its rows
by `stage.rows(1_000_000)`, and yields one Figure for each line to be printed. What must be reached stands in
the figure (`must=at_least(ratio=0.6)`); `make bench` exits 1 when one is missed.
"""
