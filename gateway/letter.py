"""Composing: a revision of an article as one letter, the same bytes whenever it is made. Pure."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from gateway.header import encoded, phrase
from gateway.plain import plain
from gateway.slip import block
from gateway.words import BEGIN, digest_of, folded, words_of
from tamizdat import language
from tamizdat.article import Article
from tamizdat.digest import Digest
from tamizdat.errors import FormatError, SourceError
from tamizdat.letter import MAX_LISTED, GatewayId, Letter, LetterSlip, Listed, SealedSlip
from tamizdat.wire import SPEC

MAX_SUBJECT = 200
"""Characters of a subject; a longer title is cut with an ellipsis."""

_IMAGE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
_PICTURE = re.compile(r'src="picture:([0-9]{1,4})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a letter says before its slip block, and the digest of its canonical text."""

    article: Article
    title: str
    html: str
    sha256: Digest

    @property
    def listed(self) -> Listed:
        """As a slip names it."""
        return Listed(urn=self.article.urn, revision=self.article.revision, sha256=self.sha256)

    def with_block(self, slip: SealedSlip) -> str:
        """The whole HTML of a letter: the text, then the slip block."""
        marked = block(self.article.urn, self.article.revision, self.sha256, slip)
        return f'{self.html}\n<pre dir="ltr">{marked}</pre>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who the letter says it is from; `domain` ends the Message-ID."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


def text_of(article: Article, *, pictures: str | None, ways: Sequence[str]) -> Text:
    """The text of a letter. `pictures` is the address (`/` last) under which pictures lie, or None.

    None leaves pictures out; `ways` are addresses that the letter ends with. SourceError where the
    article cannot go by mail.
    """
    title = _subject(article.title)
    html = "\n".join(
        [
            f'<div lang="{article.language}" dir="{language.direction(article.language)}">',
            _opening(article),
            _with_pictures(article, pictures),
            "</div>",
            *(f'<p><a href="{escape(way)}">{escape(way)}</a></p>' for way in ways),
        ]
    )
    if BEGIN in html:
        raise SourceError(f"article {article.id}: quotes a slip block, it cannot go by mail")
    try:
        words = words_of(html, article.id)
    except FormatError as error:
        raise SourceError(f"article {article.id}: cannot go by mail: {error}") from error
    return Text(article=article, title=title, html=html, sha256=digest_of(title, words))


def slips(
    texts: Sequence[Text], *, channel: str, root_version: int, issued: datetime
) -> Sequence[LetterSlip]:
    """The slips that vouch for these texts, each for at most 20 (formats 8.5)."""
    distinct = {(t.article.urn, t.article.revision, t.sha256): t.listed for t in texts}
    listed = [distinct[key] for key in sorted(distinct)]
    return [
        LetterSlip(
            spec=SPEC,
            channel=channel,
            issued=issued,
            root_version=root_version,
            articles=tuple(listed[at : at + MAX_LISTED]),
        )
        for at in range(0, len(listed), MAX_LISTED)
    ]


def letter(
    text: Text, slip: SealedSlip, gateway: GatewayId, sender: Sender, *, lean: bool = False
) -> Letter:
    """The letter with the bytes as they are sent. `lean` leaves the plain text out."""
    article = text.article
    html = text.with_block(slip)
    key = _key(article.urn, article.revision, gateway)
    message = EmailMessage(policy=SMTP)
    if lean:
        message.set_content(html, subtype="html", cte="base64")
    else:
        message.set_content(f"{text.title}\n\n{plain(text.html)}\n", cte="base64")
        message.add_alternative(html, subtype="html", cte="base64")
        message.set_boundary(f"={key}")
    headers = [
        f"From: {phrase(sender.name)} <{sender.address}>",
        "To: undisclosed-recipients:;",
        f"Subject: {encoded(text.title)}",
        f"Date: {format_datetime(article.updated)}",
        f"Message-ID: <{key}@{sender.domain}>",
        f"Content-Language: {article.language}",
    ]
    return Letter(
        gateway=gateway,
        article=article.id,
        revision=article.revision,
        message_id=f"<{key}@{sender.domain}>",
        body="".join(f"{line}\r\n" for line in headers).encode("ascii") + message.as_bytes(),
    )


def _key(urn: str, revision: int, gateway: GatewayId) -> str:
    """The same for each making of the letter (formats 8.2)."""
    made = hashlib.sha256(f"{urn}|{revision}|{gateway}".encode()).digest()
    return base64.b32encode(made).decode().rstrip("=").lower()


def _subject(title: str) -> str:
    line = folded(title)
    return line if len(line) <= MAX_SUBJECT else line[: MAX_SUBJECT - 1].rstrip() + "…"


def _opening(article: Article) -> str:
    byline = " · ".join([*article.authors, article.published.date().isoformat()])
    notice = f"<p><strong>{escape(article.correction)}</strong></p>" if article.correction else ""
    return f"<p>{escape(folded(byline))}</p>{notice}"


def _with_pictures(article: Article, pictures: str | None) -> str:
    if pictures is None:
        return _IMAGE.sub("", article.html)
    base = escape(pictures)

    def address(found: re.Match[str]) -> str:
        return f'src="{base}{article.pictures[int(found[1])].path}"'

    return _IMAGE.sub(lambda image: _PICTURE.sub(address, image[0]), article.html)
