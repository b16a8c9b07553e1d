"""`python -m tests.faults`: the long form of the fault suite. Workers find its functions in `suite`, not here."""

import sys

from tests.faults.suite import main

if __name__ == "__main__":
    sys.exit(main())
