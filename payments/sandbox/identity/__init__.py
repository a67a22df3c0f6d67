"""Identity: verification sessions, what becomes of them, and who may read the result."""
