"""Every tier that works here, and a way to run the same program without any."""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.errors import SandboxError
from collector.verification.sandbox.bubblewrap import open_bubblewrap
from collector.verification.sandbox.guest import SHA256
from collector.verification.sandbox.protocol import Job, Limits, Outcome, Sandbox
from collector.verification.sandbox.unsafe import Unsafe, open_unsafe
from collector.verification.sandbox.wasi import open_wasi

Run = Callable[..., Outcome]
BROKEN = b"not compiled code"


def opened(opener: Callable[[], Sandbox]) -> Sandbox:
    try:
        return opener()
    except SandboxError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def bubblewrap() -> Sandbox:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    return opened(lambda: open_bubblewrap(env=os.environ))


@pytest.fixture(scope="session")
def wasi(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """SEIKAKU_WASI_GUEST, or what `seikaku sandbox install` has put into the cache.

    Where its compiled form belongs lies something broken at first.
    """
    folder = tmp_path_factory.mktemp("cache") / "compiled"
    folder.mkdir(mode=0o700)
    version = importlib.metadata.version("wasmtime")
    planted = folder / f"{SHA256[:32]}-wasmtime-{version}.cwasm"
    planted.write_bytes(BROKEN)
    planted.chmod(0o600)
    return opened(lambda: open_wasi(env=os.environ, folder=folder))


@pytest.fixture(
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.sandbox),
        pytest.param("wasi", marks=pytest.mark.sandbox),
    ]
)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    chosen: Sandbox = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture(scope="session")
def unsafe() -> Unsafe:
    return open_unsafe(is_user_sure=True, env=os.environ)


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    """Run a program in a tier: source, arguments, limits by name."""

    def run(
        source: str, *arguments: object, stdin: bytes = b"", **limits: float
    ) -> Outcome:
        given: dict[str, float] = {"wall_s": 6, "cpu_s": 6, "memory_bytes": 256 * 2**20}
        return sandbox.run(
            Job(
                script="program.py",
                files={"program.py": source.encode()},
                arguments=tuple(map(str, arguments)),
                stdin=stdin,
                limits=Limits(**(given | limits)),  # type: ignore[arg-type]
            )
        )

    return run


@pytest.fixture
def plainly(tmp_path: Path):
    """Run a program without any sandbox, in a throwaway folder."""
    if sys.platform != "linux":
        pytest.skip("what a program can do is shown on Linux")
    folder = tmp_path / "plain"
    folder.mkdir()

    def plainly(
        source: str, *arguments: object, timeout_s: float = 10
    ) -> subprocess.CompletedProcess[bytes]:
        (folder / "program.py").write_text(source, encoding="utf-8")
        return subprocess.run(
            (sys.executable, "program.py", *map(str, arguments)),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )

    return plainly
