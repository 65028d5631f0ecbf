"""Tier ``wasi``: CPython built for WebAssembly, in a child process; every system.

It sees its folder and nothing else: no network, processes or threads exist for it.
The bytes of its folder are bounded by a watch only, and on Windows a file's likewise.
"""

import importlib.metadata
import importlib.util
import json
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from collector.errors import SandboxError
from collector.verification.sandbox import pace
from collector.verification.sandbox.confine import (
    Command,
    Ended,
    conclude,
    python_environment,
    run_command,
)
from collector.verification.sandbox.folder import JobFolder, fresh_folder
from collector.verification.sandbox.guest import SHA256, cache_folder, find_guest
from collector.verification.sandbox.probe import TierMissingError, prove
from collector.verification.sandbox.protocol import Job, Limits, Outcome, Tier

NAME = "wasi"
CHILD = Path(__file__).with_name("wasi_child.py")
COMPILE_LIMITS = Limits(wall_s=600.0, memory_bytes=2**30)

_BOOT = """\
import os, sys
sys.path.remove("/boot")
del os.environ["PYTHONPATH"]
os.chdir("/work")
"""
"""WASI has no current folder to start in; the guest's Python runs this beforehand."""


@dataclass(frozen=True, kw_only=True)
class Wasi:
    """The tier, ready to run.

    Attributes:
        module: The compiled guest: native code, so only from our own private folder.
        library: Folder that holds the package wasmtime.
    """

    tier: Tier
    module: Path
    library: Path

    def run(self, job: Job) -> Outcome:
        """Run a job; see ``Sandbox``."""
        with fresh_folder(job) as folder:
            ending_path = folder.root / "ending.json"
            job_path = folder.root / "job.json"
            job_path.write_text(json.dumps(self._order(job, folder)), encoding="utf-8")
            ended = run_command(
                Command(
                    arguments=_child("run", str(job_path), str(ending_path)),
                    environment=_child_environment(self.library),
                    cwd=folder.root,
                    stdin=job.stdin,
                    limits=job.limits,
                    watched=[folder.work, folder.temporary],
                )
            )
            told = _told(ended, ending_path)
            return conclude(
                job,
                ended,
                folder,
                ending=told["ending"],
                exit_code=told.get("exit_code"),
            )

    def _order(self, job: Job, folder: JobFolder) -> dict[str, object]:
        boot = folder.root / "boot"
        boot.mkdir()
        (boot / "sitecustomize.py").write_text(_BOOT, encoding="utf-8")
        return {
            "module": str(self.module),
            "work": str(folder.work),
            "temporary": str(folder.temporary),
            "boot": str(boot),
            "arguments": [f"/work/{job.script}", *job.arguments],
            "environment": _guest_environment(job) | {"PYTHONPATH": "/boot"},
            "memory_bytes": job.limits.memory_bytes,
            "file_bytes": job.limits.file_bytes,
            "cpu_s": job.limits.cpu_s,
            "wall_s": job.limits.wall_s,
        }


def open_wasi(
    *, env: Mapping[str, str], sha256: str = SHA256, folder: Path | None = None
) -> Wasi:
    """Return the tier after it has held against a program that tries to get out.

    The guest is compiled on first use, which takes some seconds.

    Args:
        env: Where the cache folder, and the guest, are looked up.
        sha256: Of the guest, if it is not the pinned one.
        folder: For compiled guests; None: in the cache folder.

    Raises:
        TierMissingError: It cannot be used here; with what to do.
    """
    library = _find_library()
    version = importlib.metadata.version("wasmtime")
    guest = find_guest(env, sha256=sha256)
    place = folder or cache_folder(env) / "compiled"
    private_folder(place)
    module = place / f"{sha256[:32]}-wasmtime-{version}.cwasm"
    draft = Wasi(
        tier=Tier(name=NAME, version=version, guest_python="unknown", has_native=False),
        module=module,
        library=library,
    )
    try:
        if not is_own_file(module):
            _compile(draft, guest, sha256)
        try:
            tier = _prove(draft)
        except SandboxError:
            # Compiled for another processor, say: a home folder may be shared.
            _compile(draft, guest, sha256)
            tier = _prove(draft)
    except SandboxError as error:
        raise TierMissingError(
            f"the WASI guest does not work here ({error})",
            remedy=f"delete {place}, pip install --upgrade wasmtime, and try again",
        ) from error
    return replace(draft, tier=tier)


def private_folder(place: Path) -> None:
    """Make a folder for this user alone, or see that it is one.

    On Windows the system sees to that for a user's own folders.

    Raises:
        TierMissingError: It is another user's, or others may write to it.
    """
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = place.lstat()
    except OSError as error:
        raise TierMissingError(
            f"{place}: cannot be made ({error.strerror or error})",
            remedy="mend the rights of the cache folder",
        ) from error
    if sys.platform == "win32":
        return
    is_ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()
    if not is_ours or state.st_mode & 0o077:
        raise TierMissingError(
            f"{place}: others may write there, so compiled code is not taken from it",
            remedy="delete it",
        )


def is_own_file(path: Path) -> bool:
    """Whether it is a regular file that only this user can have written."""
    try:
        state = path.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return stat.S_ISREG(state.st_mode)
    is_ours = stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid()
    return is_ours and not state.st_mode & 0o022


def _find_library() -> Path:
    found = importlib.util.find_spec("wasmtime")
    if found is None or found.origin is None:
        raise TierMissingError(
            "the package wasmtime is not installed", remedy="pip install wasmtime"
        )
    return Path(found.origin).parents[1]


def _prove(draft: Wasi) -> Tier:
    names = set(_guest_environment(Job(script="", files={})))
    proof = prove(draft.run, variables=names, is_native=False)
    return replace(
        draft.tier,
        guest_python=proof.guest_python,
        time_factor=pace.time_factor(draft.run),
    )


def _compile(draft: Wasi, guest: Path, sha256: str) -> None:
    """Compile beside the place and move it there: two may do so at a time."""
    aside = draft.module.with_suffix(f".{secrets.token_hex(4)}")
    try:
        ended = run_command(
            Command(
                arguments=_child("compile", str(guest.absolute()), sha256, str(aside)),
                environment=_child_environment(draft.library),
                cwd=draft.module.parent,
                stdin=b"",
                limits=COMPILE_LIMITS,
                watched=[],
            )
        )
        if ended.stopped_for is not None or ended.code != 0:
            said = ended.stderr.decode("utf-8", "replace").strip()[-500:]
            raise SandboxError(
                f"{guest}: cannot be compiled ({ended.stopped_for or said})"
            )
        aside.replace(draft.module)
    except OSError as error:
        raise SandboxError(f"{draft.module}: cannot be written ({error})") from error
    finally:
        aside.unlink(missing_ok=True)


def _child(*arguments: str) -> tuple[str, ...]:
    # Without site, whose .pth files of an ordinary installation take time.
    flags = ("-P", "-S", "-s", "-B", "-X", "utf8")
    return (sys.executable, *flags, str(CHILD), *arguments)


def _child_environment(library: Path) -> dict[str, str]:
    """Return all the variables of the process around the guest: no secret is one."""
    ours = {"PYTHONPATH": str(library)}
    for name in ("SYSTEMROOT", "TEMP", "TMP"):  # Windows does not run without
        if name in os.environ:
            ours[name] = os.environ[name]
    return ours


def _guest_environment(job: Job) -> dict[str, str]:
    return python_environment(job, home="/work", temporary="/tmp")  # noqa: S108 - the guest's


def _told(ended: Ended, ending_path: Path) -> dict[str, Any]:
    """Return what the child wrote down; if it was itself ended, that."""
    told: dict[str, Any] = {"ending": "signal"}
    said = ended.stderr.decode("utf-8", "replace").strip()[-500:]
    try:
        told = json.loads(ending_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        if ended.stopped_for is None and ended.code > 0:
            told = {"ending": "broken", "message": said or f"code {ended.code}"}
    if told["ending"] == "broken":
        raise SandboxError(
            f"wasmtime could not start the guest ({told['message']}): "
            "see `seikaku sandbox probe`"
        )
    return told
