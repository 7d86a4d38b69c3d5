"""One self-contained HTML page: no network, nothing of a file can run in it."""
