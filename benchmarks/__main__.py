"""`make bench`: every comparison, each in one run side by side; exit code 1 when a goal is missed."""

import sys

from benchmarks import reads, submissions

# All are run, also when a goal of the first is missed.
sys.exit(max([reads.main(), submissions.main()]))
