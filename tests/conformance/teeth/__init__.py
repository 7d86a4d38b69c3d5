"""Does the proof bite? Faults planted on purpose, and honest conversions, through the proof that `convert` runs.

    python -m tests.conformance.teeth archives|rules|honest DIR… [--files N] [--sample N] [--minutes M] [--judge J]
    python -m tests.conformance.teeth table          # writes the kill rates into docs/proof.md

Results are kept a line each in `results/*.jsonl`; a run goes on where the last one stopped.
"""
