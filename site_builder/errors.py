"""Errors a writer can mend; anything else is a bug and shows its traceback.

    SiteError
    ├── ContentError    a setting, a text or a translation is missing or wrong
    ├── TemplateFault   a page template is wrong
    └── OutputError     the site cannot be written

Each message says where, what, and what to do.
"""


class SiteError(Exception):
    """Root of the errors the site builder raises on purpose."""


class ContentError(SiteError):
    """A file under content/ is missing or wrong."""


class TemplateFault(SiteError):  # noqa: N818 - jinja2 has a TemplateError
    """A template under templates/ is wrong."""


class OutputError(SiteError):
    """The site cannot be written; what was there before is still there."""
