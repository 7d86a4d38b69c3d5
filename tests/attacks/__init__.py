"""Attacks on a converter of checkpoints: each made by code in an empty folder, each with its one right outcome.

python -m attacks [--proof] [--only WORD]        (from tests/: every attack through every command, as a table)
"""
