"""A short post per language: what the article says of its first claims, if they hold.

Only the first section that makes claims is asked, as conclusions stand there, and later
sentences rest on those before them. A claim that is not decided says nothing. Where
none holds, the post says what was recorded, and ranks nobody.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from site_builder.check import Content
from site_builder.claims.claim import Claim
from site_builder.errors import ContentError
from site_builder.load import Language
from site_builder.places import article_path
from site_builder.render import absolute_url
from site_builder.write import write_site

MAX_WEIGHT = 280
ADDRESS_WEIGHT = 23
"""What an address counts at least: networks shorten it to this length."""
_SINGLE = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that count once; all others count twice."""


def share_texts(content: Content, *, base_url: str) -> dict[str, str]:
    """Return the post by language, with the article's address if it is known.

    No post has more than 280 characters, Japanese ones counted twice.

    Args:
        content: What the run says.
        base_url: Address of the published site; empty: not known.

    Raises:
        ContentError: The words alone are too long.
    """
    return {
        language.words.language: _post(content, language, base_url)
        for language in content.sources.languages
    }


def write_share_texts(texts: Mapping[str, str], output: Path) -> Path:
    """Write the posts beside a site, a file each, and return their folder.

    Raises:
        OutputError: The folder holds something else, or cannot be written.
    """
    folder = output.with_name(f"{output.name}-share")
    files = {f"{language}.txt": text.encode() for language, text in texts.items()}
    write_site(files, folder)
    return folder


def weight(text: str) -> int:
    """Return how many characters a text counts."""
    return sum(
        1 if any(low <= ord(letter) <= high for low, high in _SINGLE) else 2
        for letter in unicodedata.normalize("NFC", text)
    )


def _post(content: Content, language: Language, base_url: str) -> str:
    words = language.words
    tail = ""
    room = MAX_WEIGHT
    if base_url:
        address = absolute_url(base_url, article_path(words.language))
        tail = f"{address}\n"
        room -= 1 + max(ADDRESS_WEIGHT, weight(address))
    run = content.sources.run.run
    notice = words(f"notice.{run.source}")
    if weight(notice) > room:
        raise ContentError(
            f"{words.path}: notice.{run.source} does not fit into a post of "
            f"{MAX_WEIGHT} characters with the address: shorten it"
        )
    title = content.texts[words.language, "article"].meta["title"]
    lines = _fitting(room, title, notice)
    findings: list[str] = []
    # What a script did is no finding about a model.
    for sentence in () if run.source == "demo" else _findings(content, language):
        if weight("\n".join((*lines, *findings, sentence))) <= room:
            findings.append(sentence)
    if not findings:
        recorded = words("share.recorded", n=words.number(len(run.models), 0))
        findings = [recorded] if weight("\n".join((*lines, recorded))) <= room else []
    lines[1:1] = findings
    return "\n".join((*lines, tail)) if tail else "\n".join(lines) + "\n"


def _fitting(room: int, title: str, notice: str) -> list[str]:
    """Return the title and the notice, or only the notice, which must not be lost."""
    lines = [line for line in (title, notice) if line]
    return lines if weight("\n".join(lines)) <= room else [notice or _cut(title, room)]


def _cut(text: str, room: int) -> str:
    while weight(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"


def _findings(content: Content, language: Language) -> Iterator[str]:
    """Yield what the first section with claims says of those that hold, in its order.

    A sentence that does not name its model, because the article has named it before,
    gets the name; one that leaves out more than that cannot stand alone.
    """
    text = content.texts[language.words.language, "article"]
    for claim_id in _first_claims(content, language):
        verdict = content.verdicts.get(claim_id)
        sentence = text.sentences.get(claim_id)
        if verdict is None or verdict.verdict != "holds" or not sentence:
            continue
        models = _models(verdict.claim, content)
        unnamed = [m for m in models if language.names[m] not in sentence]
        if not unnamed:
            yield sentence
        elif unnamed == models[:1]:
            name = language.names[unnamed[0]]
            yield language.words("share.about", name=name, text=sentence)


def _first_claims(content: Content, language: Language) -> tuple[str, ...]:
    for reading in content.readings["article"]:
        if reading.language == language.words.language:
            for section in reading.sections:
                if section.claims:
                    return tuple(dict.fromkeys(u.claim_id for u in section.claims))
    return ()


def _models(claim: Claim, content: Content) -> list[str]:
    """Return the models that a claim is about, the subject first.

    A claim that rests on another one is about its models as well.
    """
    known = content.sources.known_models
    found: dict[str, None] = {}
    for term in claim.terms:
        for argument in term.arguments:
            if not isinstance(argument, str):
                continue
            if term.predicate == "claim" and argument in content.verdicts:
                found |= dict.fromkeys(
                    _models(content.verdicts[argument].claim, content)
                )
            elif argument in known:
                found[argument] = None
    return list(found)
