"""The demo server as a child process that never outlives its parent."""

from contextlib import AbstractContextManager

from collector.child import child_server


def demo_server() -> AbstractContextManager[str]:
    """Run the demo server while a ``with`` block runs, and give it its base URL.

    Raises:
        ChildServerError: It did not start; the message has what it printed.
    """
    return child_server("collector.demo")
