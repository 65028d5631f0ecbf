"""What is shown now, and who waits for the next; used in the server's thread only."""

import asyncio

from site_builder.preview.shown import Shown


class Hub:
    """Hands the newest state to everybody who waits."""

    def __init__(self) -> None:
        self.is_closed = False
        self._shown: Shown | None = None
        self._changed = asyncio.Event()

    def publish(self, shown: Shown) -> None:
        """Show this from now on."""
        self._shown = shown
        self._wake()

    def close(self) -> None:
        """Let everybody who waits end."""
        self.is_closed = True
        self._wake()

    async def after(self, number: int) -> Shown | None:
        """Wait for a state newer than the one of this number; None: closed."""
        while not self.is_closed:
            if self._shown is not None and self._shown.number > number:
                return self._shown
            await self._changed.wait()
        return None

    async def now(self) -> Shown | None:
        """Return what is shown, which the first request may have to wait for."""
        return await self.after(0)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
