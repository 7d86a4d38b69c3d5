import sys

from k2to3.cli import main

sys.exit(main())
