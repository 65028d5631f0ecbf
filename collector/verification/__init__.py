"""Saved code into evidence: run in a sandbox, held against a task's cases."""
