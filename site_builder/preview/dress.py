"""What a page gets on its way to the browser only: the script, and leave to load it."""

import hashlib
import html
import re
from dataclasses import asdict

from site_builder.preview.result import Fault
from site_builder.preview.shown import Answer, Shown

OWN = "/__seikaku/"
"""Where the preview's own addresses lie; no site has such a folder."""

SCRIPT = OWN + "preview.js"
EVENTS = OWN + "events"

_POLICY = re.compile(
    rb'(<meta http-equiv="Content-Security-Policy" content=")([^"]*)(">)', re.IGNORECASE
)
_STYLE = re.compile(rb'<link\b[^>]*\brel="stylesheet"[^>]*>', re.IGNORECASE)
_HREF = re.compile(rb'\bhref="([^"]*)"', re.IGNORECASE)
_NEEDED = ("script-src", "connect-src")


def page_of(answer: Answer, shown: Shown) -> bytes:
    """Return the page of an answer as it is shown, without the script.

    Addresses under the base address lead to the preview instead of the published site.
    """
    if shown.files is None:
        return _failure_page(shown.problems)
    if answer.path is None:
        return _bare_page("Not found", f"<p>The site lies under {_code(shown.base)}.")
    page = shown.files[answer.path]
    if not shown.base_url:
        return page
    whole, base = (html.escape(text).encode() for text in (shown.base_url, shown.base))
    for attribute in (b'href="', b'src="'):
        page = page.replace(attribute + whole, attribute + base)
    return page


def dressed(page: bytes) -> bytes:
    """Return a page with the script, which its policy allows."""
    tag = f'<script src="{SCRIPT}" data-page="{digest_of(page)}" defer></script>\n'
    page = _POLICY.sub(
        lambda match: match[1] + _allowing(match[2].decode()).encode() + match[3], page
    )
    head, end, body = page.partition(b"</head>")
    return head + tag.encode() + end + body


def digest_of(page: bytes) -> str:
    """Return what changes when a page must be loaded anew: not by its styles' names."""
    unstyled = _STYLE.sub(lambda match: _HREF.sub(b"", match[0]), page)
    return hashlib.sha256(unstyled).hexdigest()[:16]


def styles_of(page: bytes) -> list[str]:
    """Return the addresses of a page's stylesheets in their order."""
    links = (_HREF.search(tag) for tag in _STYLE.findall(page))
    return [html.unescape(link[1].decode("utf-8")) for link in links if link]


def state_of(answer: Answer, shown: Shown) -> dict[str, object]:
    """Return what a browser that shows this answer compares itself with."""
    page = page_of(answer, shown)
    # A page that is nothing but problems needs no overlay to repeat them.
    is_site = shown.files is not None
    return {
        "page": digest_of(page),
        "styles": styles_of(page),
        "problems": [asdict(fault) for fault in shown.problems if is_site],
        "isCurrent": shown.is_current or not is_site,
    }


def _allowing(policy: str) -> str:
    """Return a policy under which a page may load our script and hear from us."""
    found = {
        words[0].lower(): words[1:]
        for words in (part.split() for part in html.unescape(policy).split(";"))
        if words
    }
    for name in (*_NEEDED, "script-src-elem"):
        if name not in found and (name not in _NEEDED or "default-src" not in found):
            continue
        sources = found.get(name, found.get("default-src", []))
        kept = [source for source in sources if source.lower() != "'none'"]
        found[name] = kept if "'self'" in kept else [*kept, "'self'"]
    parts = (" ".join((name, *sources)) for name, sources in found.items())
    return html.escape("; ".join(parts)).replace("&#x27;", "'")


def _failure_page(problems: tuple[Fault, ...]) -> bytes:
    items = "".join(f"<li><p>{_item(fault)}</p></li>\n" for fault in problems)
    return _bare_page("The site could not be built", f"<ol>\n{items}</ol>")


def _item(fault: Fault) -> str:
    line = "" if fault.line is None else f":{fault.line}"
    place = _code(f"{fault.file}{line}") + "<br>" if fault.file else ""
    remedy = f"<br>{html.escape(fault.remedy)}" if fault.remedy else ""
    return f"{place}{html.escape(fault.what)}{remedy}"


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"


def _bare_page(title: str, body: str) -> bytes:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'\">\n"
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n"
        "</body>\n</html>\n"
    ).encode()
