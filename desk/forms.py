"""A form: what a browser sent, read into memory and never to a disk, with a limit."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

SMALL = 16 * 1024
"""A form of a few words has no more bytes."""

LARGE = 16 * 1024 * 1024
"""A story with its pictures has no more bytes."""

FIELDS = 32

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""Kinds of pictures that a browser may send; all are rebuilt from their pixels later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields by name, and pictures as `data:` addresses."""

    fields: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A field with line feeds as we write them; empty where it was not sent."""
        return self.fields.get(name, "").replace("\r\n", "\n").replace("\r", "\n")

    def line(self, name: str) -> str:
        """A field on one line, without spaces around."""
        return " ".join(self.text(name).split())


async def small_form(request: web.Request) -> Form:
    """A short form. A body over the limit is refused with 413, another kind with 415."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType
    body = await request.content.read(SMALL + 1)
    while len(body) <= SMALL and not request.content.at_eof():
        body += await request.content.read(SMALL + 1 - len(body))
    if len(body) > SMALL:
        raise web.HTTPRequestEntityTooLarge(max_size=SMALL, actual_size=len(body))
    return parsed(body)


def parsed(body: bytes) -> Form:
    """The fields in a body as browsers spell it; 400 where it is no such body."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise web.HTTPBadRequest from None
    return Form(fields=dict(pairs))


async def large_form(request: web.Request) -> Form:
    """A story's form, with pictures; a short form will do where nothing is attached."""
    if request.content_type != "multipart/form-data":
        return await small_form(request)
    room = LARGE
    fields: dict[str, str] = {}
    pictures: list[str] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or len(fields) + len(pictures) >= FIELDS:
                raise web.HTTPBadRequest
            body = await _read(part, room)
            room -= len(body)
            if part.filename is None:
                fields[part.name or ""] = body.decode("utf-8")
            elif body:
                pictures.append(_picture(part, body))
    except (ValueError, HttpProcessingError):
        raise web.HTTPBadRequest from None
    return Form(fields=fields, pictures=tuple(pictures))


async def _read(part: BodyPartReader, room: int) -> bytes:
    body = bytearray()
    while chunk := await part.read_chunk():
        body += chunk
        if len(body) > room:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGE, actual_size=LARGE + 1)
    return bytes(body)


def _picture(part: BodyPartReader, body: bytes) -> str:
    kind = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in PICTURES:
        raise web.HTTPUnsupportedMediaType
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"
