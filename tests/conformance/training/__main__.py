"""`python -m tests.conformance.training`"""

import sys

from tests.conformance.training.main import main

sys.exit(main())
