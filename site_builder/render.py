"""A site into its files: pages through Jinja, nothing undefined, all escaped."""

import hashlib
import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from site_builder.errors import TemplateFault
from site_builder.model import Head, LanguageSite, Link, Page, Site

STYLES = "css"
"""Folder of the stylesheet's parts; they are joined in the order of their names."""
INDEX = "index.html"


def render(site: Site, templates: Path) -> dict[str, bytes]:
    """Return every file of the site by its path.

    Raises:
        TemplateFault: A template is missing or wrong; names file and line.
    """
    assets = _read_assets(templates)
    paths = {name: _fingerprinted(name, data) for name, data in assets.items()}
    files: dict[str, bytes] = {paths[name]: data for name, data in assets.items()}
    files.update(site.data)
    page = _PageRenderer(site, templates, paths)
    for language in site.languages:
        files[language.article.head.path] = page(
            "article.html", language.article.head, language, page=language.article
        )
        files[language.method.head.path] = page(
            "method.html", language.method.head, language, page=language.method
        )
        if language.changes is not None:
            files[language.changes.head.path] = page(
                "changes.html", language.changes.head, language, page=language.changes
            )
        for own in _own_pages(language):
            files[own.head.path] = page(own.template, own.head, language, page=own)
        if site.base_url and language.feed_updated:
            files[f"{language.language}/feed.xml"] = page(
                "feed.xml", language.article.head, language
            )
    primary = site.languages[0]
    for path, template in (
        (INDEX, "root.html"),
        ("404.html", "404.html"),
        ("data/schema/index.html", "schema.html"),
    ):
        files[path] = page(template, _shared_head(site, path), primary)
    if site.base_url:
        files["sitemap.xml"] = page(
            "sitemap.xml", _shared_head(site, "sitemap.xml"), primary
        )
    return files


def _own_pages(language: LanguageSite) -> tuple[Page, ...]:
    """Return the pages that name their own template."""
    compare = () if language.compare is None else (language.compare,)
    return (*language.models, language.downloads, *compare, *language.more)


class _PageRenderer:
    """Renders one page at a time with what all pages share."""

    def __init__(self, site: Site, templates: Path, assets: Mapping[str, str]) -> None:
        self._site = site
        self._templates = templates
        self._assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(templates, encoding="utf-8"),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def __call__(
        self, name: str, head: Head, language: LanguageSite, **more: Any
    ) -> bytes:
        functions = {
            "site": self._site,
            "head": head,
            "language": language,
            "t": _translator(language),
            "t_of": lambda other, key: _translator(other)(key),
            "url": lambda path: relative_path(path, start=head.path),
            "rooted": lambda path: self._rooted(path, head),
            "asset": lambda asset: self._assets[asset],
            "absolute": lambda path: absolute_url(self._site.base_url, path),
        }
        try:
            template = self._environment.get_template(name)
            return template.render({**functions, **more}).encode("utf-8")
        except TemplateNotFound as error:
            raise TemplateFault(
                f"{self._templates / (error.name or name)}: there is no such template: "
                "restore it"
            ) from error
        except TemplateSyntaxError as error:
            file = error.filename or self._templates / name
            raise TemplateFault(f"{file}:{error.lineno}: {error.message}") from error
        except (
            TemplateError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            place, line = _place_of(error, self._templates)
            raise TemplateFault(f"{place or name}:{line}: {error}") from error

    def _rooted(self, path: str, head: Head) -> str:
        """Return an address that is right at any depth, for the 404 page."""
        if self._site.base_url:
            return absolute_url(self._site.base_url, path)
        return relative_path(path, start=head.path)


def relative_path(path: str, *, start: str) -> str:
    """Return the way from one page's path to another path of the site.

    It names ``index.html``, so that it also works where no server adds it.
    """
    return posixpath.relpath(path, posixpath.dirname(start) or ".")


def absolute_url(base_url: str, path: str) -> str:
    """Return the address of a path once published, in the form that ends in a slash."""
    if path == INDEX or path.endswith("/" + INDEX):
        path = path.removesuffix(INDEX)
    return base_url + path


def _translator(language: LanguageSite) -> Callable[[str], str]:
    def translate(key: str) -> str:
        if key not in language.words:
            raise KeyError(f"no words for {key} in {language.language}/strings.toml")
        return language.words[key]

    return translate


def _shared_head(site: Site, path: str) -> Head:
    """Return the head of a page that speaks all languages."""
    primary = site.languages[0]
    return Head(
        path=path,
        language=primary.language,
        title=primary.words["site.name"],
        description=primary.words["site.description"],
        languages=tuple(
            Link(
                text=language.name,
                path=language.article.head.path,
                language=language.language,
            )
            for language in site.languages
        ),
        default_path=INDEX,
        is_indexed=path == INDEX,
    )


def _read_assets(templates: Path) -> dict[str, bytes]:
    """Return what pages load, by name: one stylesheet, the favicon, the scripts."""
    parts = sorted((templates / STYLES).glob("*.css"))
    if not parts:
        raise TemplateFault(f"{templates / STYLES}: has no .css file: restore it")
    scripts = sorted((templates / "js").glob("*.js"))
    return {
        "style.css": b"\n".join(_read_asset(part) for part in parts),
        "favicon.svg": _read_asset(templates / "favicon.svg"),
        **{script.name: _read_asset(script) for script in scripts},
    }


def _read_asset(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TemplateFault(
            f"{path}: cannot be read ({error.strerror}): restore it"
        ) from error


def _fingerprinted(name: str, data: bytes) -> str:
    """Return a path that changes with the content, as hosts let browsers keep files."""
    stem, suffix = posixpath.splitext(name)
    return f"assets/{stem}.{hashlib.sha256(data).hexdigest()[:10]}{suffix}"


def _place_of(error: BaseException, templates: Path) -> tuple[str | None, int | None]:
    place: tuple[str | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if Path(file).parent == templates:
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place
