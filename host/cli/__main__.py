"""`python -m host.cli`, for where the `sidelight` command is not on the path."""

import sys

from host.cli import main

if __name__ == "__main__":
    sys.exit(main())
