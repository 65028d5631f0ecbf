"""One file per family of servers; the only place that imports openai."""
