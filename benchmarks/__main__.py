"""`make bench`: every comparison, each in one run side by side; exit code 1 when a goal is missed."""

import sys

from benchmarks import reads

sys.exit(reads.main())
