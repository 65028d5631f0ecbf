"""Claims: what an article asserts about the records, and whether the trials show it."""
