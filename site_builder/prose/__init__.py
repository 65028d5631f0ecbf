"""Prose: what an article refers to and claims, read without running it."""
