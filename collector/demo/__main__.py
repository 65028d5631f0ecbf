"""Serve the demo's models until standard input ends, which it does with the parent."""

import sys

from collector.child import serve_until_input_ends
from collector.demo.server import DemoServer


def main() -> int:
    """Announce the base URL, serve, and return 0 when the input ends."""
    with DemoServer() as server:
        serve_until_input_ends(server, server.base_url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
