import sys

from k2to3.cli.main import program

sys.exit(program())
