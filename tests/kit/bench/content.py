"""Content: the same texts in the forms that we, Hugo and Pelican read."""

import json
from collections.abc import Iterable
from pathlib import Path

from tests.kit.bench.corpus import Text


def lay_ours(texts: Iterable[Text], folder: Path) -> int:
    """As `tamizdat import folder` reads them; gives the bytes of Markdown."""
    return sum(_write(folder / text.language / f"{text.name}.md", _ours(text)) for text in texts)


def lay_hugo(texts: Iterable[Text], folder: Path) -> int:
    """As Hugo reads them: a content folder for each language, a folder in it for each section."""
    return sum(
        _write(folder / text.language / text.section.lower() / f"{text.name}.md", _hugo(text))
        for text in texts
    )


def lay_pelican(texts: Iterable[Text], folder: Path) -> int:
    """As Pelican reads them."""
    return sum(_write(folder / text.language / f"{text.name}.md", _pelican(text)) for text in texts)


def _ours(text: Text) -> str:
    return (
        f"---\nid: {text.name}\ntitle: {json.dumps(text.title, ensure_ascii=False)}\n"
        f"language: {text.language}\ndate: {text.published.isoformat()}\n"
        f"authors: [{json.dumps(text.author, ensure_ascii=False)}]\nsection: {text.section}\n"
        f"summary: {json.dumps(text.summary, ensure_ascii=False)}\n---\n\n{text.markdown}"
    )


def _hugo(text: Text) -> str:
    return (
        f"---\ntitle: {json.dumps(text.title, ensure_ascii=False)}\n"
        f"date: {text.published.isoformat()}\n"
        f"author: {json.dumps(text.author, ensure_ascii=False)}\n"
        f"summary: {json.dumps(text.summary, ensure_ascii=False)}\n---\n\n{text.markdown}"
    )


def _pelican(text: Text) -> str:
    return (
        f"Title: {text.title}\nDate: {text.published:%Y-%m-%d %H:%M}\nLang: {text.language}\n"
        f"Slug: {text.name}\nCategory: {text.section}\nAuthor: {text.author}\n"
        f"Summary: {text.summary}\n\n{text.markdown}"
    )


def _write(path: Path, content: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = content.encode()
    path.write_bytes(body)
    return len(body)
