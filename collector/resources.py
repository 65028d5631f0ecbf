"""Where the tasks that come with the program lie."""

from pathlib import Path


def packaged_tasks() -> Path:
    """Return their folder: inside the installed package, or content/ of a checkout.

    A plain folder in both: installers unpack wheels.
    """
    package = Path(__file__).parent
    inside = package / "starter" / "tasks"
    return inside if inside.is_dir() else package.parent / "content" / "tasks"
