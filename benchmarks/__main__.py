"""`make bench`: every comparison, each in one run side by side; exit code 1 when a goal is missed."""

import sys

from benchmarks import reads, submissions, x12_comparing, x12_writing

# All are run, also when a goal of the first is missed.
sys.exit(max([x12_comparing.main(), x12_writing.main(), reads.main(), submissions.main()]))
