"""What the truth server really did with a stream, told in durations.

The clocks of two processes need not start at the same moment, so that stamps of one
mean nothing to the other; spans do.
"""

import http.client
import json
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from collector.child import ChildServerError

TRUTH_PATH = "/truth"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One stream as it was sent.

    Attributes:
        name: Name of the schedule.
        is_whole: Whether all text was sent before the client went away.
        ttft_s: From the request being read to the first write with text.
        span_s: From the first write with text to the last.
        tokens: Tokens of all writes.
        first_tokens: Tokens of the first write with text.
        events: Events with text.
        late_s: The longest that a write with text was behind its due time.
        text_sha256: SHA-256 of the schedule's whole text in UTF-8, thinking first.
    """

    name: str
    is_whole: bool
    ttft_s: float
    span_s: float
    tokens: int
    first_tokens: int
    events: int
    late_s: float
    text_sha256: str

    @property
    def tok_s(self) -> float:
        """Tokens per second after the first write."""
        return (self.tokens - self.first_tokens) / self.span_s


def encode_truths(truths: list[Truth]) -> bytes:
    """Write truths as the body of ``GET /truth``."""
    return json.dumps([asdict(truth) for truth in truths]).encode()


def read_truths(base_url: str) -> list[Truth]:
    """Ask a truth server for every stream so far, in the order of their ends.

    Raises:
        ChildServerError: It does not answer.
    """
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=5)
    try:
        connection.request("GET", TRUTH_PATH)
        content = json.loads(connection.getresponse().read())
        return [Truth(**fields) for fields in content]
    except (OSError, http.client.HTTPException, ValueError, TypeError) as error:
        raise ChildServerError(
            f"{base_url}: the truth server did not tell what it sent ({error}): "
            "start again; report it if it happens twice"
        ) from error
    finally:
        connection.close()
