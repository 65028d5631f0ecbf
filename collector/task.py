"""A task: the prompt that every model gets, read from its folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from collector.errors import PlanError
from collector.settings import nearest, read_settings
from collector.verification.tables import TaskFile


@dataclass(frozen=True, kw_only=True)
class Task:
    """A prompt and what is known of it.

    Attributes:
        prompt: The text sent, without the file's last line break.
        code_language: Language the answer's code is wanted in, such as ``python``.
    """

    task_id: str
    prompt: str
    prompt_language: str
    code_language: str


def read_task(folders: list[Path], task_id: str) -> Task:
    """Read a task from the first of the folders that has it.

    Args:
        folders: Places that hold tasks, such as ``content/tasks``, nearest first.
        task_id: Name of the task and of its folder.

    Raises:
        PlanError: No folder has the task, or its files are wrong.
    """
    return _read(find_task(folders, task_id))


def find_task(folders: list[Path], task_id: str) -> Path:
    """Return a task's folder: the first there is; raises PlanError if there is none."""
    for folder in folders:
        if (folder / task_id).is_dir():
            return folder / task_id
    known = sorted({p.parent.name for f in folders for p in f.glob("*/task.toml")})
    raise PlanError(
        f"{folders[0] / task_id}: there is no such task: {nearest(task_id, known)}"
    )


def read_task_file(folder: Path) -> TaskFile:
    """Return what a task's ``task.toml`` says.

    Raises:
        PlanError: It is missing, wrong, or of another task than the folder's name.
    """
    facts = read_settings(folder / "task.toml", TaskFile)
    if facts.id != folder.name:
        raise PlanError(
            f"{folder / 'task.toml'}: id is {facts.id!r}, the folder is "
            f"{folder.name!r}: make them equal"
        )
    return facts


def prompt_sha256(prompt: str) -> str:
    """Return the SHA-256 of a prompt's UTF-8 bytes in hexadecimal."""
    return hashlib.sha256(prompt.encode("utf-8")).hexdigest()


def _read(folder: Path) -> Task:
    facts = read_task_file(folder)
    path = folder / "prompt.md"
    try:
        prompt = path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(
            f"{path}: the prompt cannot be read ({error}): write it as UTF-8"
        ) from error
    if not prompt.strip():
        raise PlanError(f"{path}: the prompt is empty: write what models are asked")
    return Task(
        task_id=facts.id,
        prompt=prompt,
        prompt_language=facts.prompt_language,
        code_language=facts.code_language,
    )
