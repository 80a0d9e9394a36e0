"""Ghost: its export (one JSON file) and its Content API, which tell of posts in nearly one way."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from urllib.parse import urlencode, urlsplit, urlunsplit

from feeds.incoming import Arrival, Incoming, SetAside
from feeds.letters import line
from feeds.sources import dates
from feeds.sources.fields import NOTHING, Fields, document, part, parts, text, web
from tamizdat.errors import SourceError

KIND = "ghost"
MAX_FILE = 128 * 1024 * 1024
MAX_TEXT = 20 * 1024 * 1024
"""Characters of one post."""

PER_PAGE = 50
MAX_PAGES = 500
TYPES = ("posts", "pages")

_HERE = "__GHOST_URL__"
"""Stands in an export for the site's own address."""

_OPEN = frozenset({"", "public"})


def place(site: str, kind: str, number: int, key: str) -> str:
    """Where the site's Content API tells page `number` of its posts or pages, newest change first.

    `key` is the Content API key that the site gave; the address is a secret with it.
    """
    told = urlsplit(site)
    top = told.path.partition("/ghost")[0].rstrip("/")
    asks = {"key": key, "limit": PER_PAGE, "page": number, "order": "updated_at desc"}
    query = urlencode({**asks, "include": "authors,tags", "formats": "html"})
    place = f"{top}/ghost/api/content/{kind}/"
    return urlunsplit((told.scheme, told.netloc, place, query, ""))


def page(body: bytes, kind: str) -> tuple[Iterator[Arrival], bool]:
    """The articles in one answer of the Content API, and whether others follow it."""
    found = document(body, "Ghost Content API")
    if not isinstance(found, dict) or not isinstance(found.get(kind), list):
        raise SourceError("what came is no list of Ghost posts")
    follows = part(part(found, "meta"), "pagination").get("next") is not None
    return (
        _arrival(post, _people(post), _tags(post), None) for post in parts(found, kind)
    ), follows


def read(body: bytes, *, site: str | None = None) -> Iterator[Arrival]:
    """The posts and pages of an export; `site` is the address that its links start from.

    Drafts, what is scheduled and what is for members only are set aside. Raises SourceError where
    `body` is no export.
    """
    if len(body) > MAX_FILE:
        raise SourceError(f"export is over {MAX_FILE // 1024**2} MB")
    told = _told(document(body, "Ghost export"))
    names = {text(one, "id"): text(one, "name") for one in parts(told, "users")}
    shown = {text(one, "id"): one for one in parts(told, "tags")}
    written = _linked(told, "posts_authors", "author_id")
    tagged = _linked(told, "posts_tags", "tag_id")
    settings = {text(one, "key"): text(one, "value") for one in parts(told, "settings")}
    language = settings.get("locale") or settings.get("lang") or None
    for post in parts(told, "posts"):
        number = text(post, "id")
        authors = written.get(number) or [text(post, "author_id")]
        yield _arrival(
            {**post, "locale": post.get("locale") or language},
            [names.get(one, "") for one in authors],
            [shown[one] for one in tagged.get(number, []) if one in shown],
            site,
        )


def _told(found: object) -> Fields:
    """The tables of an export, which stand within `db` in newer ones."""
    whole: Fields = found if isinstance(found, dict) else NOTHING
    inner = part(next(parts(whole, "db"), whole), "data")
    if not isinstance(inner.get("posts"), list):
        raise SourceError("what came is no Ghost export")
    return inner


def _linked(told: Fields, table: str, other: str) -> Mapping[str, Sequence[str]]:
    """What belongs to each post, in its order."""
    rows = sorted(parts(told, table), key=lambda row: text(row, "sort_order").zfill(8))
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[text(row, "post_id")].append(text(row, other))
    return found


def _arrival(
    post: Fields, authors: Sequence[str], tags: Sequence[Fields], site: str | None
) -> Arrival:
    label = f"post {text(post, 'id')[:40] or 'without an id'}"
    key = text(post, "uuid") or text(post, "id")
    markup = text(post, "html")
    status = text(post, "status") or "published"
    reason = ""
    if not key:
        reason = "has no id to be known by"
    elif status != "published":
        reason = status[:40]
    elif text(post, "visibility") not in _OPEN:
        reason = "is for members only"
    elif len(markup) > MAX_TEXT:
        reason = f"is over {MAX_TEXT // 1024**2} million characters: shorten it"
    elif not markup and (post.get("lexical") or post.get("mobiledoc")):
        reason = "holds no HTML: open and save it in Ghost, then export again"
    if reason:
        return SetAside(kind=KIND, label=label, reason=reason)
    return _incoming(post, key, authors, tags, site)


def _incoming(
    post: Fields, key: str, authors: Sequence[str], tags: Sequence[Fields], site: str | None
) -> Incoming:
    shown = [one for one in tags if text(one, "visibility") in _OPEN and text(one, "name")]
    first = shown[0] if shown else NOTHING
    return Incoming(
        kind=KIND,
        key=key,
        title=line(text(post, "title")),
        html=_here(_lead(post) + text(post, "html"), site),
        language=text(post, "locale") or None,
        published=dates.iso(text(post, "published_at")),
        updated=dates.iso(text(post, "updated_at")),
        authors=tuple(filter(None, map(line, authors))),
        section_name=line(text(first, "name")) or None,
        section_slug=text(first, "slug") or None,
        tags=tuple(line(text(one, "name")) for one in shown[1:]),
        summary=line(text(post, "custom_excerpt")),
        base=web(text(post, "url")) or site,
    )


def _lead(post: Fields) -> str:
    """The picture above the post."""
    place = text(post, "feature_image")
    if not place:
        return ""
    alt = escape(line(text(post, "feature_image_alt")))
    caption = text(post, "feature_image_caption")
    told = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img src="{escape(place)}" alt="{alt}">{told}</figure>'


def _here(markup: str, site: str | None) -> str:
    return markup.replace(_HERE, (site or "").rstrip("/"))


def _people(post: Fields) -> Sequence[str]:
    return [text(one, "name") for one in parts(post, "authors")]


def _tags(post: Fields) -> Sequence[Fields]:
    return list(parts(post, "tags"))
