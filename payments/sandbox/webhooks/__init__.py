"""Events and their delivery: signed, retried, and disturbed on order."""
