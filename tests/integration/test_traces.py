"""Traces: nothing that names a person, a machine or a place comes out, and builds do not differ."""

import getpass
import logging
import os
import re
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from mirror.s3 import S3Backend
from tests.contract.s3_server import KEYS, running
from tests.kit.bucket import add_bucket
from tests.kit.docx import docx, paragraph, picture, run, tracked
from tests.kit.export import Post, export
from tests.kit.images import jpeg, pdf, png
from tests.kit.program import Answer, Program, inside
from tests.kit.seeker import hits, needles, tree

MAIL, NAMELESS, COMMENTER = (
    "zofia@private.example",
    "only-mail@private.example",
    "k.novak@x.example",
)
ADDRESS_OF_COMMENTER = "203.0.113.77"
CAMERA = "SERIAL-99120-of-Zofia"
USER, HOST = "zofia-workstation-user", "zofias-laptop.home"
OFFSET = "+0545"
PLACE = "zofias-secret-folder"
COMMENT = f"""<wp:comment><wp:comment_author>K. Novak</wp:comment_author>
<wp:comment_author_email>{COMMENTER}</wp:comment_author_email>
<wp:comment_author_IP>{ADDRESS_OF_COMMENTER}</wp:comment_author_IP>
<wp:comment_content>I was there</wp:comment_content></wp:comment>"""
AUTHORS = (("zofia_login", MAIL, f"Zofia {MAIL}"), ("nameless", NAMELESS, NAMELESS))
POSTS = (
    Post(number=1, title="One", text="The text of one.", author="zofia_login", raw=COMMENT),
    Post(number=2, title="Two", text="The text of two.", author="nameless"),
)
MARKDOWN = """---
id: pictured
title: Pictured
language: en
date: 2026-10-02T01:30:00+05:45
---
![a boat](boat.jpg) ![a chart](chart.png) ![a tree](tree.jpg)
"""
TRACES = (
    MAIL, NAMELESS, COMMENTER, ADDRESS_OF_COMMENTER, CAMERA, USER, HOST, OFFSET, "+05:45",
    PLACE, "zofia_login", "K. Novak", "I was there",
)  # fmt: skip
SIGNED = re.compile(r"(root|e|s|b)/|(latest|here|withdrawn)\.json")
"""Files that hold a signature, a time of issue, or digests of such files."""

HOOK = """
import logging, os, socket, sys
if os.environ.get("TAMIZDAT_TEST_LOG"):
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    logging.captureWarnings(True)
name = os.environ.get("TAMIZDAT_TEST_HOST")
if name:
    socket.gethostname = lambda: name
    os.uname = lambda made=os.uname(): os.uname_result((made[0], name, *made[2:]))
processors = os.environ.get("TAMIZDAT_TEST_PROCESSORS")
if processors:
    os.cpu_count = lambda: int(processors)
"""


@dataclass(frozen=True)
class Run:
    """A full run, and all that it said."""

    folder: Path
    answers: tuple[Answer, ...]
    inputs: Path

    @property
    def files(self) -> dict[str, bytes]:
        return {
            name: body
            for name, body in tree(self.folder).items()
            if not name.startswith("keys/") or name.startswith("keys/published/")
        }


def _sources(place: Path) -> Path:
    texts = place / "texts"
    texts.mkdir(parents=True)
    (texts / "story.md").write_text(MARKDOWN)
    (texts / "boat.jpg").write_bytes(jpeg(1, told=CAMERA))
    (texts / "chart.png").write_bytes(png(2, told=CAMERA))
    (texts / "tree.jpg").write_bytes(jpeg(3, told=CAMERA))
    (place / "export.xml").write_bytes(export(*POSTS, authors=AUTHORS))
    words = place / "words"
    words.mkdir()
    photo = {"rId7": jpeg(4, told=CAMERA)}
    shown = paragraph(run("The report. ") + picture("rId7", "a road"))
    report = docx(shown + tracked(CAMERA), media=photo, told=CAMERA)
    (words / "report.docx").write_bytes(report)
    (words / "scan.pdf").write_bytes(pdf(CAMERA))
    return place


def _publish(program: Program, folder: Path, sources: Path) -> tuple[Answer, ...]:
    own = ("-C", folder)
    said = [
        program.run(*own, "import", "wxr", sources / "export.xml", "--release", "--json"),
        program.run(*own, "import", "folder", sources / "texts", "--release", "--json"),
        program.run(*own, "import", "docx", sources / "words", "--release", "--json"),
        program.run(*own, "publish", "--json"),
    ]
    ids = said[0].json["ids"]
    said.append(program.run(*own, "article", "correct", ids[0], "--title", "One, again"))
    said.append(program.run(*own, "publish", "--json"))
    return tuple(said)


def _telling(top: Path) -> Program:
    """The program on a machine that tells much, with everything logged."""
    home, hooks = top / "home", top / "hooks"
    home.mkdir(parents=True)
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK)
    told = {
        "USER": USER, "LOGNAME": USER, "HOSTNAME": HOST, "EMAIL": MAIL, "TZ": "Asia/Kathmandu",
        "TAMIZDAT_TEST_LOG": "1", "TAMIZDAT_TEST_HOST": HOST, "PYTHONPATH": str(hooks),
    }  # fmt: skip
    return Program(home, told)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A full run, everything logged."""
    top = tmp_path_factory.mktemp("traces") / PLACE
    program = _telling(top)
    sources = _sources(top / "sources")
    folder = top / "room"
    founded = program.run("init", folder, "--json")
    said = (founded, *_publish(program, folder, sources))
    return Run(folder, said, sources)


def test_the_run_was_whole_and_its_log_was_on(ran: Run) -> None:
    assert [answer.code for answer in ran.answers] == [0] * len(ran.answers)
    assert any("DEBUG" in answer.err for answer in ran.answers)


def test_the_sources_do_hold_what_is_sought(ran: Run) -> None:
    found = {hit.split(": ")[1] for hit in hits(tree(ran.inputs), needles(MAIL, CAMERA, COMMENTER))}

    assert len(found) >= 3


def test_no_file_holds_a_trace(ran: Run) -> None:
    planted = needles(*TRACES, str(ran.folder), str(ran.inputs))

    assert hits(ran.files, planted) == []


def test_no_file_names_this_machine_or_its_user(ran: Run) -> None:
    names = [getpass.getuser(), socket.gethostname(), f"{getpass.getuser()}@"]
    telling = [name for name in names if len(name) > 4]  # a shorter one stands in any picture

    assert hits(ran.files, needles(*telling)) == []


def test_nothing_said_or_logged_holds_a_trace(ran: Run) -> None:
    said = {f"{n}": (a.out + a.err).encode() for n, a in enumerate(ran.answers)}
    without_paths = {n: body.replace(str(ran.folder).encode(), b"") for n, body in said.items()}

    assert hits(without_paths, needles(*TRACES, "The text of", "One, again")) == []


def test_nothing_logged_holds_a_key_to_a_bucket(tmp_path: Path) -> None:
    program, folder = _telling(tmp_path / "machine"), tmp_path / "room"
    sources = _sources(tmp_path / "sources")
    inside("init", folder)
    own = ("-C", folder)
    ids = inside(*own, "import", "wxr", sources / "export.xml", "--release", "--json").json
    with running() as server:
        add_bucket(folder, server)
        published = program.run(*own, "publish", "--json")
        withdrawn = program.run(*own, "article", "withdraw", ids["ids"][0], "--json")
    said = {"published": published.err.encode(), "withdrawn": withdrawn.err.encode()}

    assert len(withdrawn.json["placements"]) == 4
    assert "DEBUG" in withdrawn.err
    keys = (KEYS.access_key, KEYS.secret_key, "Signature=", "Authorization")
    assert hits(said, needles(*keys, "The text of")) == []


async def test_boto3_logs_no_key_and_no_body(caplog: pytest.LogCaptureFixture) -> None:
    with running() as server, caplog.at_level(logging.DEBUG):
        backend = S3Backend(server.bucket())
        await backend.put("en/a.html", b"The text of one.", "text/html")
        await backend.delete("en/a.html")
        await backend.close()

    keys = (KEYS.access_key, KEYS.secret_key, "Authorization", "The text of")
    assert hits({"log": caplog.text.encode()}, needles(*keys)) == []


def test_a_document_came_in_and_a_pdf_did_not(ran: Run) -> None:
    said = ran.answers[3].json

    assert said["new"] == 1
    assert [one["label"] for one in said["set_aside"]] == ["scan.pdf"]


def test_pictures_hold_pixels_only(ran: Run) -> None:
    pictures = [body for name, body in ran.files.items() if re.match(r"mirrors/amber/o/", name)]

    assert len(pictures) >= 4
    for body in pictures:
        assert not re.search(rb"Exif|http://ns\.adobe|tEXt|zTXt|iTXt|eXIf|tIME|photoshop", body)


# house style 9: builds are deterministic


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One newsroom, built twice in two surroundings that differ in all they can."""
    top = tmp_path_factory.mktemp("twins")
    sources = _sources(top / "sources")
    first, second = top / "one", top / "another" / "deeper"
    homes = [top / "h1", top / "h2"]
    for home in homes:
        home.mkdir()
    one = Program(homes[0], {"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "1"}, cwd=Path("/"))
    other = {"TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "LC_ALL": "C.UTF-8"}
    two = Program(homes[1], {**other, "PYTHONHASHSEED": "977"}, cwd=top)
    one.run("init", first, "--name", "The Heron", "--json")
    second.parent.mkdir()
    shutil.copytree(first, second)
    for program, folder, mask in ((one, first, 0o022), (two, second, 0o077)):
        before = os.umask(mask)
        try:
            said = [
                program.run("-C", folder, "import", "wxr", sources / "export.xml", "--release"),
                program.run("-C", folder, "import", "folder", sources / "texts", "--release"),
                program.run("-C", folder, "publish"),
            ]
        finally:
            os.umask(before)
        assert [answer.code for answer in said] == [0, 0, 0], said
    return first / "mirrors" / "amber", second / "mirrors" / "amber"


def _members(mirror: Path) -> list[tuple[str, int, tuple[int, ...], bytes]]:
    (path,) = (mirror / "b").glob("*.zip")
    with ZipFile(path) as archive:
        return [
            (one.filename, one.external_attr, one.date_time, archive.read(one))
            for one in archive.infolist()
        ]


def _unsigned(mirror: Path) -> Mapping[str, bytes]:
    files = tree(mirror)
    del files["(names)"]
    return {
        name: body
        for name, body in files.items()
        if not SIGNED.match(name) and name != "bundles.html"
    }


def test_pages_feeds_and_pictures_do_not_depend_on_surroundings(twins: tuple[Path, Path]) -> None:
    one, other = map(_unsigned, twins)

    assert len(one) > 15
    assert one == other


def test_shards_do_not_depend_on_surroundings(twins: tuple[Path, Path]) -> None:
    first, second = ({path.name for path in (mirror / "s").iterdir()} for mirror in twins)

    # One shard names bundles.html, which names bundles, which are signed.
    assert len(first) == len(second) >= 3
    assert len(first - second) == 1


def test_bodies_of_zips_do_not_depend_on_surroundings(twins: tuple[Path, Path]) -> None:
    one, other = map(_members, twins)

    assert one == other


def test_modes_do_not_depend_on_the_umask(twins: tuple[Path, Path]) -> None:
    modes = [
        {path.relative_to(mirror): path.stat().st_mode for path in mirror.rglob("[!0-9a-f]*.html")}
        for mirror in twins
    ]

    assert modes[0].keys() & modes[1].keys()
    assert all(modes[0][path] == modes[1][path] for path in modes[0].keys() & modes[1].keys())


SURROUNDINGS: list[tuple[int, Mapping[str, str]]] = [
    # umask, and the rest: `rebuild` compares pages, shards, manifest, and bodies of ZIPs and pages
    (0o022, {"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "0", "TAMIZDAT_TEST_PROCESSORS": "1"}),
    (
        0o077,
        {
            "TZ": "Pacific/Chatham",
            "LANG": "fa_IR.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "4242",
            "TAMIZDAT_TEST_PROCESSORS": "7",
        },
    ),
]


@pytest.mark.parametrize(("mask", "variables"), SURROUNDINGS)
def test_an_edition_is_made_again_to_the_last_byte(
    twins: tuple[Path, Path], tmp_path: Path, mask: int, variables: Mapping[str, str]
) -> None:
    folder = tmp_path / "elsewhere" / "and deeper"
    shutil.copytree(twins[0].parents[1], folder)
    machine = _telling(tmp_path / "machine")
    program = replace(machine, variables={**machine.variables, **variables})
    before = os.umask(mask)

    try:
        said = program.run("-C", folder, "rebuild", "1", "--json")
    finally:
        os.umask(before)

    assert (said.code, said.json["equal"], said.json["differences"]) == (0, True, [])
    assert said.json["files"] > 15
