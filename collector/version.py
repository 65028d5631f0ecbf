"""Which Seikaku this is: its version, and its commit if it runs from a checkout."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from collector.command import Runner, run_command


def tool_version() -> str | None:
    """Return Seikaku's installed version; None: it runs uninstalled."""
    try:
        return version("seikaku")
    except PackageNotFoundError:
        return None


def tool_commit(root: Path | None = None, *, run: Runner = run_command) -> str | None:
    """Return the git commit this program runs from, with ``-dirty`` if changed since.

    None: it is installed, git is missing, or the commit or its state is not known.

    Args:
        root: The checkout; None: the folder that holds this package.
        run: Runs git.
    """
    root = Path(__file__).resolve().parents[1] if root is None else root
    if not (root / ".git").exists():
        return None

    def git(*arguments: str) -> str | None:
        # Without the option, status rewrites the index while its owner may be at work.
        return run(["git", "--no-optional-locks", "-C", str(root), *arguments])

    # A broken .git sends git on to the folders above; an installed copy is not tracked.
    top = git("rev-parse", "--show-toplevel")
    if top is None or not _is_same_folder(Path(top.strip()), root):
        return None
    if git("ls-files", "--error-unmatch", "--", "collector/__init__.py") is None:
        return None
    commit = git("rev-parse", "--verify", "HEAD")
    changes = git("status", "--porcelain", "--untracked-files=no")
    if commit is None or changes is None:
        return None
    return commit.strip() + ("-dirty" if changes.strip() else "")


def _is_same_folder(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return False
