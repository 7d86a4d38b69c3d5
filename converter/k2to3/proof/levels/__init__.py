"""The levels that a worker proves: a file each, and a row in `table`."""
