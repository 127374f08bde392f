"""`python -m assentry`: the command line."""

import sys

from assentry.cli.main import main

sys.exit(main())
