"""Errors a user can mend; anything else is a bug and shows its traceback.

    CollectorError
    ├── PlanError       the plan, or a task it names, is wrong
    ├── ServerError     the server cannot be reached or does not have a model
    ├── RecordError     a record cannot be read
    ├── StorageError    a record cannot be written
    ├── RunLockedError  another collector is at work on the run
    └── SandboxError    there is no sandbox, or it does not work

Each message says where, what, and what to do.
"""


class CollectorError(Exception):
    """Root of the errors the collector raises on purpose."""


class PlanError(CollectorError):
    """The plan or a task it names cannot be used."""


class ServerError(CollectorError):
    """The server cannot be reached or does not offer what the plan asks for."""


class RecordError(CollectorError):
    """A record cannot be read; the message names the file, the reason, the remedy."""


class StorageError(CollectorError):
    """A record cannot be written; the message names the file and the reason."""


class RunLockedError(CollectorError):
    """Another collector is at work on this run."""


class SandboxError(CollectorError):
    """There is no sandbox, or it does not work; the message says how to mend it."""
