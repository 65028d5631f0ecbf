"""Serve known schedules until standard input ends, which it does with the parent."""

import gc
import sys

from collector.calibration.truth_server import TruthServer
from collector.child import serve_until_input_ends


def main() -> int:
    """Announce the base URL, serve, and return 0 when the input ends."""
    gc.disable()  # a collection would delay a write
    with TruthServer() as server:
        serve_until_input_ends(server, server.base_url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
