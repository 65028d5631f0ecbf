"""Measure models served over HTTP and save what happened as versioned records."""
