"""A demonstration without a GPU: a small server of LM Studio's kind, in a child.

Its four models answer from scripts written for this project and measure nothing.
"""

from collector.demo.child import demo_server

__all__ = ["demo_server"]
