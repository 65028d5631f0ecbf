"""A preview from its first build to its end: files watched, builder, server."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from site_builder.preview.disk import WatchedFiles, outermost
from site_builder.preview.hub import Hub
from site_builder.preview.links import Folders, page_to_open
from site_builder.preview.result import Result
from site_builder.preview.server import PreviewServer, host_names, listen, make_app
from site_builder.preview.shown import Shown, address, find
from site_builder.preview.worker import Built, Worker


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is previewed, and where.

    Attributes:
        watched: Folders whose files make the site.
        output: Folder the site is also written to; None: nowhere.
        port: The first to try; 0: any that is free.
        is_following: Whether a browser is led to the page that was edited.
    """

    content: Path
    records: Path
    watched: tuple[Path, ...]
    output: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    is_following: bool = False


class Preview:
    """A preview; it listens from the start, and answers while ``run`` runs.

    Raises:
        PreviewError: No port can be had.
    """

    def __init__(
        self,
        build: Callable[[], Result],
        settings: Settings,
        *,
        report: Callable[[Built], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._report = report
        self._socket = listen(settings.host, settings.port)
        self.port: int = self._socket.getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.origin = f"http://{host}:{self.port}"
        self._hub = Hub()
        app = make_app(self._hub, hosts=host_names(self.port), opener=self._opener())
        self._server = PreviewServer(app, self._hub)
        files = WatchedFiles(
            roots=outermost(settings.watched),
            excluded=() if settings.output is None else (settings.output.resolve(),),
        )
        self._worker = Worker(build, files, publish=self._publish, clock=clock)
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, *, is_ready: Callable[[Shown], None] | None = None) -> None:
        """Build, serve and follow the edits until ``stop``; no thread is left.

        Args:
            is_ready: Called once, when the first build has ended and pages can be had.
        """
        try:
            asyncio.run(self._run(is_ready))
        finally:
            self._socket.close()
            self._worker.stop()

    def stop(self) -> None:
        """Make ``run`` return; any thread and a signal's handler may call it."""
        self._server.should_exit = True

    async def _run(self, is_ready: Callable[[Shown], None] | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._worker.start()
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        shown = await self._hub.now()
        if shown is not None and is_ready is not None:
            await asyncio.to_thread(is_ready, shown)
        await serving

    def _publish(self, built: Built) -> None:
        """Hand a build over to the server's thread; it may have ended."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hub.publish, built.shown)
        self._report(built)

    def _opener(self) -> Callable[[Shown, str], str | None]:
        settings = self._settings
        folders = Folders(
            content=settings.content.resolve(), records=settings.records.resolve()
        )

        def open_nothing(_: Shown, __: str) -> str | None:
            return None

        def open_edited(shown: Shown, path: str) -> str | None:
            seen = find(path.encode(), shown).path or ""
            page = page_to_open(shown, folders, seen=seen)
            return None if page is None else address(page, shown)

        return open_edited if settings.is_following else open_nothing
