"""The ``doctor`` command: what stands in the way of measuring, and how to mend it."""
