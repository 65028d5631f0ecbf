"""Where the templates and the starter content that come with the program lie.

Plain folders: inside the installed package, or beside the packages in a checkout.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def packaged_templates() -> Path:
    """Return the folder of the page templates."""
    return _first(_PACKAGE / "page_templates", _PACKAGE.parent / "templates")


def packaged_content() -> Path:
    """Return the folder of the starter content."""
    return _first(_PACKAGE / "starter", _PACKAGE.parent / "content")


def _first(inside: Path, beside: Path) -> Path:
    return inside if inside.is_dir() else beside
