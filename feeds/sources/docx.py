"""A Word document (.docx): the text in it, and none of what Word knows besides.

It is a ZIP of XML, and a stranger's: of each member only so much is read as a text may have, and a
DOCTYPE, with it every entity, is refused.
"""

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from feeds.incoming import Arrival, Incoming, PictureSource, SetAside
from feeds.pictures import MAX_BYTES as MAX_PICTURE
from feeds.sources import nearby
from feeds.sources.wordml import Written
from feeds.sources.wordml import written as text_of
from feeds.sources.wordparts import Element, Notes, Numbering, Styles, element_name, value_of
from tamizdat.errors import SourceError
from tamizdat.zips import UNSOUND

KIND = "docx"
MAX_FILE = 64 * 1024 * 1024
MAX_MEMBERS = 10_000
MAX_TEXT = 24 * 1024 * 1024
"""Bytes of the text's XML, and of each other part that is read, once unpacked."""

SUFFIXES = (".docx", ".docm", ".dotx")
OTHERS = {
    ".doc": "is an old Word file: open it and save it as .docx",
    ".rtf": "is an RTF file: open it and save it as .docx",
    ".odt": "is an OpenDocument file: open it and save it as .docx",
    ".pdf": "is a PDF, which holds places of letters rather than a text: bring its .docx or HTML, "
    "or paste the text at the desk",
    ".pages": "is a Pages file: export it as .docx",
}
"""What else people write in, and what to do about it."""
_OLE = b"\xd0\xcf\x11\xe0"
_PDF = b"%PDF-"
_BROKEN = (*UNSOUND, OSError)
_Links: TypeAlias = Mapping[str, tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class _Package:
    """The file, opened, and which members it has."""

    archive: zipfile.ZipFile
    names: frozenset[str]

    def read(self, name: str, most: int = MAX_TEXT) -> bytes | None:
        """A member, None where there is none."""
        if name not in self.names:
            return None
        try:
            with self.archive.open(name) as member:
                body = member.read(most + 1)
        except _BROKEN as error:
            raise SourceError("is a damaged Word document: save it anew") from error
        if len(body) > most:
            raise SourceError(f"holds over {most // 1024**2} MB in one part: part it")
        return body

    def tree(self, name: str) -> Element | None:
        """A member's XML, None where there is none."""
        body = self.read(name)
        return None if body is None else _parsed(body)

    def links(self, name: str) -> _Links:
        """Where the links of a member lead by id, and whether that is elsewhere."""
        folder, file = posixpath.split(name)
        tree = self.tree(f"{folder}/_rels/{file}.rels".lstrip("/"))
        found: dict[str, tuple[str, bool]] = {}
        for one in () if tree is None else tree:
            if not isinstance(one.tag, str):
                continue
            target, away = str(one.get("Target") or ""), one.get("TargetMode") == "External"
            place = target if away else posixpath.normpath(posixpath.join(f"/{folder}", target))
            found[str(one.get("Id") or "")] = (place if away else place.lstrip("/"), away)
        return found


def read(path: Path) -> Iterator[Arrival]:
    """The article of the file `path`, or of every Word document below the folder `path`.

    Other documents that people write in are set aside with what to do about them.
    """
    root = path if path.is_dir() else path.parent
    files = nearby.texts(path, (*SUFFIXES, *OTHERS)) if path.is_dir() else iter([path])
    for file in files:
        label = nearby.key(root, file)
        try:
            yield document(nearby.body(file, MAX_FILE), key=label)
        except SourceError as error:
            reason = OTHERS.get(file.suffix.lower(), str(error))
            yield SetAside(kind=KIND, label=label, reason=reason)


def document(body: bytes, *, key: str) -> Incoming:
    """The article in the document `body`, known by `key`. Raises SourceError where it is none."""
    package = _opened(body)
    main = _main(package)
    tree = package.tree(main)
    if tree is None:
        raise SourceError("is no Word document: it holds no text")
    links = package.links(main)
    styles = Styles.read(package.tree(_beside(main, "styles.xml")))
    numbering = Numbering.read(package.tree(_beside(main, "numbering.xml")))
    notes = Notes.read(
        package.tree(_beside(main, "footnotes.xml")), package.tree(_beside(main, "endnotes.xml"))
    )
    found = text_of(tree, links=links, styles=styles, numbering=numbering, notes=notes)
    return Incoming(
        kind=KIND,
        key=key,
        title=found.title,
        html=found.html,
        language=found.language,
        dropped=_dropped(found, package),
        pictures=_pictures(package),
    )


def _opened(body: bytes) -> _Package:
    if body.startswith(_OLE):
        raise SourceError("is locked with a password, or an old Word file: save it as plain .docx")
    if body.startswith(_PDF):
        raise SourceError(OTHERS[".pdf"])
    try:
        archive = zipfile.ZipFile(BytesIO(body))
        names = archive.namelist()
    except _BROKEN as error:
        raise SourceError("is no Word document") from error
    if len(names) > MAX_MEMBERS:
        raise SourceError(f"is a file of over {MAX_MEMBERS} parts, no text")
    return _Package(archive, frozenset(names))


def _main(package: _Package) -> str:
    """The name of the member that holds the text."""
    tree = package.tree("_rels/.rels")
    for one in () if tree is None else tree:
        if isinstance(one.tag, str) and str(one.get("Type") or "").endswith("/officeDocument"):
            return posixpath.normpath(str(one.get("Target") or "")).lstrip("/")
    return "word/document.xml"


def _beside(main: str, name: str) -> str:
    return posixpath.join(posixpath.dirname(main), name)


def _parsed(body: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True
    )
    try:
        tree = etree.fromstring(body, parser)
        declared = tree.getroottree().docinfo.internalDTD is not None
    except (etree.LxmlError, ValueError) as error:
        raise SourceError("is a damaged Word document: save it anew") from error
    if declared:
        raise SourceError("declares a document type, as no Word document does")
    return tree


def _pictures(package: _Package) -> PictureSource:
    """Gives what lies in the document; nothing else has an address there."""

    def give(src: str) -> bytes | None:
        try:
            return package.read(src, MAX_PICTURE)
        except SourceError:
            return None

    return give


def _dropped(found: Written, package: _Package) -> tuple[str, ...]:
    """What was in the document and is not in the article."""
    told = Counter(found.dropped)
    for name in sorted(package.names):
        if name.startswith("docProps/") and not name.endswith("/"):
            told["metadata of the document (who wrote it, when, with what)"] = 1
        elif posixpath.basename(name) == "vbaProject.bin":
            told["macros"] += 1
        elif name.startswith("word/comments") and (tree := package.tree(name)) is not None:
            count = sum(1 for one in tree.iter() if element_name(one) == "comment")
            told["comment"] = max(told["comment"], count)
        elif posixpath.basename(name).startswith(("header", "footer")) and name.endswith(".xml"):
            told["text of page headers and footers"] += _says(package.tree(name))
    people = {value_of(one, "author") for one in _people(package)}
    if people - {""}:
        told["name of who changed the document"] = len(people - {""})
    return tuple(told.elements())


def _says(tree: Element | None) -> int:
    return int(tree is not None and bool("".join(str(one) for one in tree.itertext()).strip()))


def _people(package: _Package) -> Iterator[Element]:
    tree = package.tree("word/people.xml")
    return iter(()) if tree is None else iter(tree)
