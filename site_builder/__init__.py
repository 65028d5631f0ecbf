"""Turn records, prose and templates into a static site; never measures."""
