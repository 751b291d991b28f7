"""X12 text to domain values and back: pure, no I/O, usable alone.

The base (`separators`, `segments`, `envelope`, `findings`, `elements`, `drafts`) knows no transaction; each transaction
has one file named by noun and number. Readers never raise on what comes from outside: they return what they read and
all findings. Which code belongs where: `codes`.
"""
