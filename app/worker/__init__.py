"""The worker: takes jobs, calls use cases. No rules, no SQL."""
