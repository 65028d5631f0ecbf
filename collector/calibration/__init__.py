"""Our own measuring error, found by measuring a server whose schedule is known."""
