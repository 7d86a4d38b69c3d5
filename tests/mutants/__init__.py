"""How many small changes of the code the fast loop notices: `python -m tests.mutants`."""
