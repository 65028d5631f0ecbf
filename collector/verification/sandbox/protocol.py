"""What a sandbox is asked to run, and what it says became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Ending = Literal[
    "exit",  # the program ended by itself; its exit code is known
    "signal",  # it crashed: a signal, or a trap of the guest
    "time",  # it was stopped: too much wall clock or processor time
    "memory",  # it was stopped, or gave up, for memory
    "output",  # it was stopped: too much on standard output or error
    "disk",  # it was stopped: too many bytes in its folder
    "files",  # it was stopped: too many files in its folder
]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a program may take."""

    wall_s: float = 10.0
    cpu_s: float = 10.0
    memory_bytes: int = 512 * 2**20
    output_bytes: int = 2**20
    """Of standard output and standard error, each."""
    file_bytes: int = 64 * 2**20
    folder_bytes: int = 128 * 2**20
    files: int = 200
    processes: int = 32


@dataclass(frozen=True, kw_only=True)
class Job:
    """A Python program to run in a fresh folder.

    Attributes:
        script: Name of the file to run, among ``files``.
        files: What the folder holds, by relative name with ``/``.
        arguments: Command-line arguments after the script's name.
        stdin: Standard input; it ends after that.
        environment: Variables besides those that every sandbox sets.
        limits: How much it may take.
        collects: Endings of file names to bring back, such as ``.csv``; empty: all.
    """

    script: str
    files: Mapping[str, bytes]
    arguments: tuple[str, ...] = ()
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    collects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a job.

    Attributes:
        exit_code: None unless the program ended by itself.
        files: Regular files in the folder afterwards that were not given, or were
            changed, by relative name; links and devices are never followed.
        is_output_cut: Whether more was printed than was kept.
    """

    ending: Ending
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes]
    wall_s: float
    is_output_cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Which sandbox it is.

    Attributes:
        name: ``bubblewrap``, ``wasi`` or ``none``; kept in every verdict.
        version: Of the mechanism; None: not known.
        guest_python: Version of the Python inside, such as ``3.12.0``.
        time_factor: How much slower than native the guest runs, at least 1.
        has_native: Whether threads, subprocesses and compiled packages work inside.
    """

    name: str
    version: str | None
    guest_python: str
    time_factor: float = 1.0
    has_native: bool = True


class Sandbox(Protocol):
    """A tier that has proved itself by a live probe; safe to use from threads."""

    @property
    def tier(self) -> Tier:
        """Which one it is."""
        ...

    def run(self, job: Job) -> Outcome:
        """Run a job in a fresh folder and a fresh process, and clean up after it.

        Raises:
            SandboxError: The sandbox itself does not work; nothing is said of the
                program.
        """
        ...
