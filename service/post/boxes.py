"""Boxes: the mailboxes of our own gateway, as whoever hosts it opens, lists and closes them."""

import asyncio
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from gateway.feed import MEDIA_TYPES
from gateway.hosting import PostSettings, host_and_port
from gateway.inbox import Store
from gateway.mailbox import Ids, hidden
from gateway.postmaster import open_mailbox
from service.config import append_block, checked_block
from service.post.posting import base_of, changing, near, post_of, store_of, tidy
from service.wiring import beside
from tamizdat.errors import ConfigError, TamizdatError
from tamizdat.letters import Mailbox

SECRETS = "secrets"
READS_PER_HOUR = 1800
"""How often our own letters are looked for: our own gateway has no limit."""

LETTERS_PER_SECOND = 20

_BLOCK = """\
# Our own gateway: a mailbox that was opened with `tamizdat gateway open --for-us`.
[[gateway]]
id = "{id}"
host = "{host}"
port = {port}
tls = "none"   # the letters do not leave this machine
to = "{to}"
feed = "{feed}"
sender = "letters@{domain}"
reads_per_hour = {reads}
letters_per_second = {letters}
deduplicates = true   # it takes no letter twice, so that one cut off by a kill goes again at once
"""
_READ = re.compile(r"[a-z2-7]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is told once: the address that letters go to, and those of the feeds."""

    to: str
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A mailbox, as its host sees it: never its ids."""

    number: int
    title: str
    letters: int
    length: int
    since: datetime


async def open_box(
    folder: Path, title: str, *, keep_all: bool = False, for_us: str | None = None
) -> Opened:
    """Open a mailbox whose feed bears `title`.

    `for_us` is the id of a `[[gateway]]` block that is added to our own config, so that our own
    letters go there; its two addresses are kept in files.
    """
    async with beside(folder) as (config, ledger):
        post = post_of(config)
        base = base_of(post, host_and_port(post.http)[1])
        block = None if for_us is None else _checked(folder, post, for_us)
        store = store_of(folder, ledger)
        async with changing(folder):
            ids = await open_mailbox(store, title, keep_all=keep_all)
        opened = Opened(
            to=f"{ids.write}@{post.domain}",
            feeds=tuple(f"{base}{ids.read}/{kind}" for kind in MEDIA_TYPES),
        )
        if for_us is not None and block is not None:
            try:
                await asyncio.to_thread(_keep, folder, post, for_us, ids)
                await asyncio.to_thread(append_block, folder, block)
            except TamizdatError:
                await asyncio.to_thread(_discard, folder, for_us)
                await _close(folder, store, await store.mailboxes.by_read(hidden(ids.read)))
                raise
    return opened


async def boxes(folder: Path) -> Sequence[Box]:
    """Every mailbox, oldest first."""
    async with beside(folder) as (config, ledger):
        post_of(config)
        store = store_of(folder, ledger)
        return [await _box(store, one) for one in await store.mailboxes.all()]


async def close_box(folder: Path, which: str) -> bool:
    """Close a mailbox and delete what lay in it; False where there is none.

    `which` is its read id, an address of its feed, or its number.
    """
    async with beside(folder) as (config, ledger):
        post_of(config)
        store = store_of(folder, ledger)
        return await _close(folder, store, await _found(store, which))


async def _close(folder: Path, store: Store, mailbox: Mailbox | None) -> bool:
    if mailbox is None:
        return False
    await store.mailboxes.close(mailbox.number)
    await tidy(folder, store)
    return True


async def _found(store: Store, which: str) -> Mailbox | None:
    if which.isascii() and which.isdigit():
        numbered = [one for one in await store.mailboxes.all() if one.number == int(which)]
        return numbered[0] if numbered else None
    words = urlsplit(which).path.lower().split("/")
    named = [word for word in words if _READ.fullmatch(word)]
    if not named:
        raise ConfigError("gateway close: name a feed's address, its read id, or a box's number")
    return await store.mailboxes.by_read(hidden(named[-1]))


async def _box(store: Store, mailbox: Mailbox) -> Box:
    return Box(
        number=mailbox.number,
        title=(await asyncio.to_thread(store.blobs.read, mailbox.label)).decode(),
        letters=await store.mailboxes.came_since(mailbox.number, mailbox.opened),
        length=mailbox.length,
        since=mailbox.opened,
    )


def _checked(folder: Path, post: PostSettings, name: str) -> str:
    """The block for our config; ConfigError where it does not fit in."""
    (smtp, port), (_, http) = host_and_port(post.smtp), host_and_port(post.http)
    if not port or not http:
        raise ConfigError("post: smtp and http need ports of their own, so that we find them again")
    to, feed = _files(name)
    block = _BLOCK.format(
        id=name,
        host=near(smtp),
        port=port,
        to=to,
        feed=feed,
        domain=post.domain,
        reads=READS_PER_HOUR,
        letters=LETTERS_PER_SECOND,
    )
    checked_block(folder, block)
    for one in (to, feed):
        if (folder / one).exists():
            raise ConfigError(f"{folder / one}: is there already: choose another id")
    return block


def _files(name: str) -> tuple[str, str]:
    return f"{SECRETS}/{name}.to", f"{SECRETS}/{name}.feed"


def _discard(folder: Path, name: str) -> None:
    for path in _files(name):
        with suppress(OSError):
            (folder / path).unlink()


def _keep(folder: Path, post: PostSettings, name: str, ids: Ids) -> None:
    """Write both addresses down, for us alone; our own feed is read without a detour."""
    host, port = host_and_port(post.http)
    home = near(host)
    feed = f"http://{f'[{home}]' if ':' in home else home}:{port}/{ids.read}/atom.xml"
    told = zip(_files(name), (f"{ids.write}@{post.domain}", feed), strict=True)
    try:
        (folder / SECRETS).mkdir(mode=0o700, exist_ok=True)
        for path, text in told:
            file = os.open(folder / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "w", encoding="utf-8") as opened:
                opened.write(text + "\n")
    except OSError as error:
        raise ConfigError(f"{folder / SECRETS}: cannot be written ({error.strerror})") from None
