"""The forms of the output: one file each, and a row in `table`."""
