"""Records into findings: pure functions, the same input gives the same output."""
