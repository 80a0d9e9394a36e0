"""Sites: the newspaper as Hugo and Pelican make it: the same texts, lists, feeds and weight.

Their templates are made to do what our edition does, and no more: article pages, lists of fifty
for each language and section, RSS, Atom and JSON Feed of thirty whole texts, our style in each
page. Neither makes bundles, digests or signatures; Pelican makes no JSON Feed.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from feeds.style import style
from tests.kit.bench.content import lay_hugo, lay_pelican
from tests.kit.bench.corpus import LANGUAGES, Text

NAME = "The Lantern"
FORMS = Path(__file__).parent / "sites"
_RIGHT_TO_LEFT = frozenset({"fa", "ar"})

_HUGO = """\
baseURL = "https://lantern.example/"
title = "{name}"
defaultContentLanguage = "en"
defaultContentLanguageInSubdir = true
disableKinds = ["taxonomy", "term", "sitemap", "robotsTXT", "404"]
pagination.pagerSize = 50
outputs.home = ["html", "rss", "atom", "feed"]
outputs.section = ["html"]
outputs.page = ["html"]
params.style = {style}
[mediaTypes."application/atom+xml"]
suffixes = ["xml"]
[mediaTypes."application/feed+json"]
suffixes = ["json"]
[outputFormats.rss]
mediaType = "application/rss+xml"
baseName = "rss"
[outputFormats.atom]
mediaType = "application/atom+xml"
baseName = "atom"
[outputFormats.feed]
mediaType = "application/feed+json"
baseName = "feed"
isPlainText = true
"""
_TONGUE = """\
[languages.{tag}]
contentDir = "content/{tag}"
languageDirection = "{direction}"
weight = {weight}
"""

_PELICAN = """\
SITENAME = {name}
SITEURL = "https://lantern.example"
PATH = "content"
STYLE = {style}
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
THEME = "theme"
DEFAULT_PAGINATION = 50
ARTICLE_URL = ARTICLE_SAVE_AS = "{{lang}}/{{slug}}.html"
ARTICLE_LANG_URL = ARTICLE_LANG_SAVE_AS = "{{lang}}/{{slug}}.html"
TAG_SAVE_AS = AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = ["index"]
FEED_ALL_ATOM = "atom.xml"
FEED_ALL_RSS = "rss.xml"
TRANSLATION_FEED_ATOM = "{{lang}}/atom.xml"
TRANSLATION_FEED_RSS = "{{lang}}/rss.xml"
CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
FEED_MAX_ITEMS = 30
RSS_FEED_SUMMARY_ONLY = False
ARTICLE_TRANSLATION_ID = ["slug", "lang"]
LOAD_CONTENT_CACHE = CACHE_CONTENT = {cached}
"""


def lay_hugo_site(texts: Iterable[Text], folder: Path) -> None:
    """Everything that `hugo` needs in `folder`."""
    lay_hugo(texts, folder / "content")
    shutil.copytree(FORMS / "hugo", folder / "layouts" / "_default")
    tongues = [
        _TONGUE.format(tag=tag, weight=weight, direction="rtl" if _is_rtl(tag) else "ltr")
        for weight, tag in enumerate(LANGUAGES, 1)
    ]
    text = _HUGO.format(name=NAME, style=json.dumps(_style(), ensure_ascii=False))
    (folder / "hugo.toml").write_text(text + "".join(tongues), encoding="utf-8")


def lay_pelican_site(texts: Iterable[Text], folder: Path, *, cached: bool = False) -> None:
    """Everything that `pelican` needs in `folder`; `cached` lets it remember what it read."""
    lay_pelican(texts, folder / "content")
    forms = folder / "theme" / "templates"
    forms.mkdir(parents=True)
    for name in ("base", "article"):
        shutil.copy(FORMS / "pelican" / f"{name}.html", forms)
    for name in ("index", "category"):
        shutil.copy(FORMS / "pelican" / "list.html", forms / f"{name}.html")
    text = _PELICAN.format(name=repr(NAME), style=repr(_style()), cached=cached)
    (folder / "pelicanconf.py").write_text(text, encoding="utf-8")


def _style() -> str:
    return str(style("rich", "en").text)


def _is_rtl(tag: str) -> bool:
    return tag in _RIGHT_TO_LEFT
