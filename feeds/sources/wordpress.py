"""WordPress's own interface (REST, `/wp-json/wp/v2`): posts and pages as their readers get them.

An article has the id that it has by the site's export (WXR): both name it by its guid, so a
newsroom may take its archive from the one and what is new from the other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape, unescape
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from feeds.incoming import Arrival, Incoming, SetAside
from feeds.letters import line
from feeds.soup import plain
from feeds.sources import dates
from feeds.sources.fields import NOTHING, Fields, document, objects, part, parts, text, web
from feeds.sources.wxr import KIND
from tamizdat.errors import SourceError

PER_PAGE = 100
MAX_PAGES = 500
MAX_TEXT = 20 * 1024 * 1024
"""Characters of one post."""

TYPES = ("posts", "pages")
_ROUTE = "/wp/v2/"


def place(site: str, kind: str, number: int, *, pretty: bool = True) -> str:
    """Where the site tells page `number` of its posts or pages, the newest change first.

    `pretty` is how nearly all sites tell it; the other way works where the server rewrites nothing.
    """
    told = urlsplit(site)
    top = told.path.partition("/wp-json")[0].partition("/index.php")[0].rstrip("/")
    asks = {"per_page": PER_PAGE, "page": number, "orderby": "modified", "order": "desc"}
    query = urlencode({**asks, "_embed": "author,wp:term,wp:featuredmedia"})
    if pretty:
        return urlunsplit((told.scheme, told.netloc, f"{top}/wp-json{_ROUTE}{kind}", query, ""))
    query = f"{urlencode({'rest_route': _ROUTE + kind})}&{query}"
    return urlunsplit((told.scheme, told.netloc, f"{top}/", query, ""))


def read(body: bytes) -> Iterator[Arrival]:
    """The articles in one answer. Raises SourceError where it is no list of posts."""
    found = document(body, "WordPress interface (look whether /wp-json/ is open)")
    if not isinstance(found, list):
        raise SourceError("what came is no list of WordPress posts")
    for post in objects(found):
        name = text(post, "id") or "without a number"
        try:
            yield _incoming(post)
        except SourceError as error:
            yield SetAside(kind=KIND, label=f"post {name}", reason=str(error))


def _incoming(post: Fields) -> Incoming:
    content = part(post, "content")
    if content.get("protected") is True:
        raise SourceError("protected by a password")
    if (status := text(post, "status") or "publish") != "publish":
        raise SourceError(status[:40])
    markup = text(content, "rendered")
    if len(markup) > MAX_TEXT:
        raise SourceError(f"is over {MAX_TEXT // 1024**2} million characters: shorten it")
    link = web(text(post, "link"))
    key = unescape(text(part(post, "guid"), "rendered")) or link
    if not key:
        raise SourceError("has no guid and no link to be known by")
    embedded = part(post, "_embedded")
    terms = _terms(embedded)
    sections = [one for one in terms if one[0] == "category" and one[1] != "uncategorized"]
    tags = [one for one in terms if one[0] == "post_tag"] + sections[1:]
    return Incoming(
        kind=KIND,
        key=key,
        title=plain(text(part(post, "title"), "rendered")),
        html=_lead(embedded, markup) + markup,
        language=text(post, "lang") or None,
        published=_when(post, "date_gmt", "date"),
        updated=_when(post, "modified_gmt", "modified"),
        authors=tuple(filter(None, (line(text(one, "name")) for one in parts(embedded, "author")))),
        section_name=sections[0][2] if sections else None,
        section_slug=unquote(sections[0][1]) or None if sections else None,
        tags=tuple(dict.fromkeys(one[2] for one in tags)),
        summary=_summary(post, markup),
        base=link,
    )


def _terms(embedded: Fields) -> Sequence[tuple[str, str, str]]:
    """Taxonomy, slug and name of each category and tag."""
    groups = embedded.get("wp:term")
    return [
        (text(one, "taxonomy"), text(one, "slug"), plain(text(one, "name")))
        for group in (groups if isinstance(groups, list) else [])
        for one in objects(group)
        if text(one, "name")
    ]


def _lead(embedded: Fields, markup: str) -> str:
    """The picture that stands above a post, unless the post shows it itself."""
    media = next(parts(embedded, "wp:featuredmedia"), NOTHING)
    place = web(text(media, "source_url"))
    if place is None or place in markup:
        return ""
    alt = escape(plain(text(media, "alt_text")))
    return f'<figure><img src="{escape(place)}" alt="{alt}"></figure>'


def _summary(post: Fields, markup: str) -> str:
    """A written excerpt; not one that WordPress cut from the text, as an export has none then."""
    told = plain(text(part(post, "excerpt"), "rendered"))
    cut_off = told.endswith(("[…]", "[...]"))
    return "" if cut_off or plain(markup[: len(told) * 10 + 1000]).startswith(told) else told


def _when(post: Fields, *names: str) -> datetime | None:
    found = (text(post, name) for name in names)
    return next(
        (when for one in found if not one.startswith("0000") and (when := dates.iso(one))), None
    )
