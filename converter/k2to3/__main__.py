import sys

from k2to3.cli.main import main

sys.exit(main())
