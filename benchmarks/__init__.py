"""What is measured: figures with a reference taken in the same run, and a bar.

`python -m benchmarks [ID ...] [--quick] [--json]`; a figure is a module in `benchmarks/figures/`.
"""
