"""What the service does: one function per verb, each the owner of its transactions."""
