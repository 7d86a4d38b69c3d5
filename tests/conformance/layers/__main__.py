"""`python -m tests.conformance.layers`"""

import sys

from tests.conformance.layers.run import main

sys.exit(main())
