"""What servers say of their errors, in the shapes they use; pure."""

import json
import re

EXCERPT_CHARS = 300

_OVERFLOW = re.compile(
    r"context (?:length|size|window)|n_ctx|exceed_context", re.IGNORECASE
)


def is_overflow(message: str) -> bool:
    """Whether an error message says that the prompt does not fit the context."""
    return _OVERFLOW.search(message) is not None


def error_message(content: object) -> str | None:
    """Return the words of an error body in any of the shapes servers use."""
    if not isinstance(content, dict):
        return None
    error = content.get("error") or content
    if isinstance(error, dict):
        error = error.get("message", content.get("message"))
    return error if isinstance(error, str) else None


def body_message(body: bytes) -> str:
    """Return the words of an error's body, or its beginning as it is."""
    text = body.decode("utf-8", errors="replace")
    try:
        message = error_message(json.loads(text)) or text
    except (ValueError, RecursionError):
        message = text
    return message[:EXCERPT_CHARS]
