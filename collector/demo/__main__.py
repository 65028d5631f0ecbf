"""Serve the demo's models until standard input ends, which it does with the parent."""

import json
import signal
import sys
import threading

from collector.demo.server import DemoServer


def main() -> int:
    """Print the base URL as one line of JSON, serve, and return 0 at the input's end.

    Ctrl-C is left to the parent, which shares the terminal: it closes the input.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with DemoServer() as server:
        # It looks this often whether it is to stop; half a second would be felt.
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        while sys.stdin.buffer.read(4096):
            pass
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
