"""The verbs of the Python API, which the command line calls too."""
