"""A link out of an article: made absolute, freed of trackers; and an embed, as a plain link."""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

MAX_LINK = 4000
"""A longer address is no link, in characters."""

_TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|yclid|ysclid|ymclid|_openstat|mc_cid|mc_eid"
    r"|igshid|igsh|msclkid|twclid|ttclid|li_fat_id|vero_id|oly_anon_id|oly_enc_id|_hsenc|_hsmi"
    r"|mkt_tok|wickedid|s_cid|rb_clickid|ref_src|ref_url|xtor|at_medium|at_campaign|spm|_ga|_gl"
    r"|cmpid|ncid|sr_share|guccounter|guce_referrer.*|pk_campaign|pk_kwd|mtm_.*|hsa_.*",
    re.IGNORECASE,
)
_WRAPPERS = {
    ("l.facebook.com", "/l.php"): "u",
    ("lm.facebook.com", "/l.php"): "u",
    ("www.google.com", "/url"): "q",
    ("l.instagram.com", "/"): "u",
    ("away.vk.com", "/away.php"): "to",
    ("vk.com", "/away.php"): "to",
    ("www.youtube.com", "/redirect"): "q",
}
_ID = r"([A-Za-z0-9_-]{1,64})"
_EMBEDS = (
    ("YouTube", r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/" + _ID, "www.youtube.com/watch?v={}"),
    ("YouTube", r"youtu\.be/" + _ID, "www.youtube.com/watch?v={}"),
    ("Vimeo", r"player\.vimeo\.com/video/([0-9]{1,20})", "vimeo.com/{}"),
    ("Twitter", r"platform\.twitter\.com/embed/.*[?&]id=([0-9]{1,24})", "twitter.com/i/status/{}"),
    ("Telegram", r"t\.me/([A-Za-z0-9_]{1,40}/[0-9]{1,12})", "t.me/{}"),
    ("Instagram", r"(?:www\.)?instagram\.com/p/" + _ID, "www.instagram.com/p/{}/"),
    ("Dailymotion", r"www\.dailymotion\.com/embed/video/" + _ID, "www.dailymotion.com/video/{}"),
)


_NO_ADDRESS = re.compile(r"[<>\"\r\n]")
_BARE = re.compile(r"www\.[\w-]+\.\w", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """What a frame of another site showed, as a reader can still reach it."""

    label: str
    href: str


def resolve(href: str, base: str | None) -> str | None:
    """`href` as an absolute http, https or mailto address without trackers, else None.

    None too for a relative address without `base`, for one that holds markup or a new line, and
    for a place within the page, whose anchors do not survive cleaning.
    """
    text = href.strip()
    if not text or text.startswith("#") or len(text) > MAX_LINK or _NO_ADDRESS.search(text):
        return None
    if _BARE.match(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(urljoin(base or "", text))
        if parts.scheme == "mailto":
            return f"mailto:{quote(parts.path, safe='@+._-')}" if "@" in parts.path else None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        return _plain(_unwrapped(parts.geturl()))
    except ValueError:
        return None


def is_traced(href: str) -> bool:
    """Whether an address tells somebody who followed it, or from where they came."""
    try:
        parts = urlsplit(href.strip()[:MAX_LINK])
        names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
        return (
            any(_TRACKING.fullmatch(name) for name in names)
            or bool(_TRACKING.fullmatch(parts.fragment.partition("=")[0]))
            or _unwrapped(href) != href
        )
    except ValueError:
        return False


def embed(src: str, base: str | None = None) -> Embed | None:
    """The plain link that stands for a frame showing `src`; None where there is none."""
    if src.startswith("//"):
        src = f"https:{src}"
    href = resolve(src, base)
    if href is None or not href.startswith("http"):
        return None
    bare = href.partition("://")[2]
    for label, form, target in _EMBEDS:
        if hit := re.match(form, bare):
            return Embed(label=label, href="https://" + target.format(hit.group(1)))
    parts = urlsplit(href)
    if parts.hostname == "www.facebook.com" and parts.path.startswith("/plugins/"):
        inner = parse_qs(parts.query).get("href", [""])[0]
        return Embed(label="Facebook", href=resolve(inner, None) or href)
    return Embed(label=parts.hostname or "", href=href)


def telegram(post: str) -> Embed | None:
    """The post that a Telegram widget shows: `channel/number`."""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,40}/[0-9]{1,12}", post):
        return None
    return Embed(label="Telegram", href=f"https://t.me/{post}")


def inline(src: str) -> bytes | None:
    """The bytes that a base64 `data:` address holds."""
    head, _, body = src.partition(",")
    if not head.lower().endswith(";base64"):
        return None
    try:
        return base64.b64decode(body)
    except (binascii.Error, ValueError):
        return None


def _unwrapped(href: str) -> str:
    """Where a counting redirect would lead in the end."""
    parts = urlsplit(href)
    name = _WRAPPERS.get((parts.hostname or "", parts.path))
    inner = parse_qs(parts.query).get(name or "", [""])[0]
    return inner if urlsplit(inner).scheme in {"http", "https"} else href


def _plain(href: str) -> str | None:
    """`href` without user name, tracking parameters and a tracking fragment."""
    parts = urlsplit(href)
    if not parts.hostname:
        return None
    netloc = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair[0])]
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    fragment = "" if _TRACKING.fullmatch(parts.fragment.partition("=")[0]) else parts.fragment
    plain = urlunsplit((parts.scheme, netloc, parts.path, query, fragment))
    return re.sub(r"[\s\x00-\x20\"<>\\^`{|}]", lambda hit: quote(hit.group()), plain)
