"""Pasting: what comes over an editor's clipboard is cleaned here, and kept nowhere."""

import base64
from collections.abc import Callable, Mapping

from feeds.links import inline
from feeds.pasting import paste
from feeds.pictures import Rebuilt
from service.stories.written import MAX_TYPED, picture_source, without_pasted
from tamizdat.article import Picture
from tamizdat.digest import Digest, digest
from tamizdat.errors import SourceError
from tamizdat.language import tag
from tamizdat.paste import Pasted
from tamizdat.paths import media_type

_READ = Callable[[Digest], bytes]


def pasted(html: str, language: str, known: Mapping[Digest, Picture], read: _READ) -> Pasted:
    """`html`, cleaned; blocking. `known` are the pictures of the story that it goes into."""
    if len(html) > MAX_TYPED:
        raise SourceError(
            f"what was pasted is over {MAX_TYPED // 1024**2} million characters: paste it in parts"
        )
    bare, within = without_pasted(html)
    source = picture_source(None, known, read)
    made = paste(
        bare,
        language=tag(language),
        pictures=lambda src: inline(within[src]) if src in within else source(src),
    )
    pictures = tuple(_address(one, known) for one in made.pictures)
    return Pasted(html=made.html, pictures=pictures, removed=made.removed)


def _address(one: Rebuilt, known: Mapping[Digest, Picture]) -> str:
    """Where the desk shows it: a picture that the story has is not sent again."""
    name = f"{digest(one.body)}.{one.extension}"
    if digest(one.body) in known:
        return name
    return f"data:{media_type(name)};base64,{base64.b64encode(one.body).decode()}"
