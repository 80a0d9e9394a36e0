"""The probe on real sockets: what goes wrong on loopback has its stage and its name."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from reach.judge import judge
from reach.patience import Patience
from reach.probe import HandProbe
from tamizdat.measurement import (
    Aim,
    Exchange,
    ExposureError,
    Handshake,
    Kind,
    Lookup,
    Measurement,
    Purpose,
    Stage,
    Vantage,
)
from tamizdat.placement import Exposure, MirrorId
from tamizdat.verdict import Finding
from tests.kit.lab.certificates import Issued, issued
from tests.kit.lab.looker import PaperClock, content
from tests.kit.lab.paper import made
from tests.kit.strangers import (
    HOST,
    Handler,
    cut,
    free_port,
    hang,
    naming,
    saying,
    serving,
    telling,
    zone,
)

FAST = Patience(dns=0.5, late=0.02, tcp=1, tls=1.5, stall=1.5, exchange=3, whole=20)
NAME = "news.example"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Blocked</title>"
FORBIDDEN = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issued("Authority")


@pytest.fixture
def folder(tmp_path: Path, authority: Issued) -> Path:
    authority.write(tmp_path / "authority.pem")
    return tmp_path


def vantage(names: int | None = None) -> Vantage:
    return Vantage(
        id="here",
        country="XX",
        network="AS64500",
        kind=Kind.LAB,
        groups=frozenset({"own"}),
        resolver=f"{HOST}:{names}" if names else None,
    )


def aim(base: str, *, decoy: str | None = None, exposure: Exposure = Exposure.PUBLIC) -> Aim:
    return Aim(
        mirror=MirrorId("amber"),
        base=base,
        exposure=exposure,
        group="own",
        addresses=(HOST,),
        decoy=decoy,
    )


async def probe(authorities: Path | None = None, patience: Patience = FAST) -> HandProbe:
    room, _ = await made()
    return HandProbe(content(room), PaperClock(), patience=patience, authorities=authorities)


async def seen(handler: Handler, *, decoy: str | None = None) -> Measurement:
    """A mirror without TLS, found by DNS."""
    async with serving(handler) as port, naming(zone({NAME: HOST})) as names:
        target = aim(f"http://{NAME}:{port}/", decoy=decoy)
        return await (await probe()).measure(target, vantage(names))


async def secure(folder: Path, certificate: Issued, handler: Handler | None = None) -> Measurement:
    """A mirror with TLS under this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.write(folder / "site.pem"))
    _, files = await made()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(handler or telling(files), context))
        names = await stack.enter_async_context(naming(zone({NAME: HOST})))
        ours = await probe(folder / "authority.pem")
        return await ours.measure(aim(f"https://{NAME}:{port}/"), vantage(names))


def stages(measurement: Measurement, purpose: Purpose = Purpose.READER) -> list[str]:
    return [str(step.failure or f"{step.stage}:ok") for step in measurement.of(purpose)]


async def test_a_good_mirror_passes_every_stage() -> None:
    _, files = await made()

    found = await seen(telling(files))

    assert found.failure is None
    assert {step.stage for step in found.steps} == set(Stage) - {Stage.TLS}
    assert judge(found, None).finding is Finding.OK


async def test_a_good_mirror_with_tls_passes_every_stage(folder: Path, authority: Issued) -> None:
    found = await secure(folder, issued(NAME, by=authority))

    assert found.failure is None
    assert {step.stage for step in found.steps} == set(Stage)
    shaken = [s.seen for s in found.steps if isinstance(s.seen, Handshake)]
    assert all(one.chain and one.version == "TLSv1.3" for one in shaken)


async def test_a_mirror_in_a_folder_of_its_host_is_read_there() -> None:
    _, files = await made()
    async with serving(telling({f"a/b/{path}": body for path, body in files.items()})) as port:
        found = await (await probe()).measure(aim(f"http://{HOST}:{port}/a/b/"), vantage())

    assert found.failure is None


CERTIFICATES = [
    ("other.example", 30, True, "tls:ssl_invalid_hostname"),
    (NAME, -1, True, "tls:ssl_invalid_certificate"),
    (NAME, 30, False, "tls:ssl_unknown_authority"),
]


@pytest.mark.parametrize(("name", "days", "trusted", "failure"), CERTIFICATES)
async def test_a_wrong_certificate_has_its_name_and_is_kept(
    folder: Path,
    authority: Issued,
    *,
    name: str,
    days: int,
    trusted: bool,
    failure: str,
) -> None:
    wrong = issued(name, by=authority if trusted else None, days=days)

    found = await secure(folder, wrong)

    assert str(found.failure) == failure
    kept = [s.seen for s in found.of(Purpose.CHAIN, Stage.TLS)]
    assert all(isinstance(one, Handshake) and len(one.chain) >= 1 for one in kept)
    assert kept


STRANGERS = [
    # the server                                            what the probe sees
    (cut, "http:connection_reset"),
    (hang, "http:generic_timeout_error"),
    (saying(), "http:eof_error"),
    (saying(b"SSH-2.0\r\n\r\n"), "http:http_invalid_response"),
    (
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"),
        "http:http_response_too_large",
    ),
    (saying(PAGE), "signature:missing"),
    (saying(FORBIDDEN), "signature:missing"),
    (telling({}), "signature:missing"),
]


@pytest.mark.parametrize(("handler", "failure"), STRANGERS)
async def test_a_stranger_in_our_place_has_its_failure(handler: Handler, failure: str) -> None:
    assert str((await seen(handler)).failure) == failure


async def test_nobody_there_is_refused() -> None:
    found = await (await probe()).measure(aim(f"http://{HOST}:{free_port()}/"), vantage())

    assert str(found.failure) == "tcp:connection_refused"


async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 This is no HTTPS\r\n\r\n")
    await writer.drain()


HANDSHAKES = [
    (cut, "connection_reset"),
    (hang, "generic_timeout_error"),
    (plain, "ssl_failed_handshake"),
]


@pytest.mark.parametrize(("handler", "code"), HANDSHAKES)
async def test_a_broken_handshake_has_its_name_and_another_name_is_tried(
    folder: Path, handler: Handler, code: str
) -> None:
    async with serving(handler) as port:
        target = aim(f"https://localhost:{port}/", decoy="innocent.example")
        ours = await probe(folder / "authority.pem")
        found = await ours.measure(target, vantage())

    assert found.failure is not None
    assert (found.failure.stage, found.failure.code) == (Stage.TLS, code)
    (tried,) = [s.seen for s in found.of(Purpose.DECOY, Stage.TLS)]
    assert isinstance(tried, Handshake)
    assert tried.server_name == "innocent.example"


async def test_a_secret_mirror_is_never_named_beside_an_innocent_one() -> None:
    async with serving(cut) as port:
        target = aim(f"http://{HOST}:{port}/", decoy="innocent.example", exposure=Exposure.SECRET)
        found = await (await probe()).measure(target, vantage())

    assert found.failure is not None
    assert list(found.of(Purpose.DECOY)) == []


async def test_a_vantage_of_another_group_must_not_look() -> None:
    target = replace(aim(f"http://{HOST}:{free_port()}/", exposure=Exposure.SECRET), group="other")

    with pytest.raises(ExposureError, match="must not learn"):
        await (await probe()).measure(target, vantage())


async def test_a_lie_of_dns_is_seen_and_the_known_address_is_tried() -> None:
    _, files = await made()
    async with serving(telling(files)) as port, naming(zone({NAME: "10.10.34.35"})) as names:
        target = aim(f"http://{NAME}:{port}/")
        found = await (await probe()).measure(target, vantage(names))

    assert str(found.failure) == "dns:dns_bogon_error"
    assert stages(found, Purpose.PINNED)[-1] == "signature:ok"


async def test_both_replies_of_a_raced_lookup_are_kept() -> None:
    truth, lie = zone({NAME: HOST}), zone({NAME: "10.10.34.35"})
    async with serving(saying(PAGE)) as port, naming(lambda q: truth(q) + lie(q)) as names:
        target = aim(f"http://{NAME}:{port}/")
        found = await (await probe()).measure(target, vantage(names))

    lookups = [s.seen for s in found.of(Purpose.READER) if isinstance(s.seen, Lookup)]
    assert {len(one.replies) for one in lookups} == {2}


async def test_a_body_that_freezes_is_tried_three_times_and_measured() -> None:
    _, files = await made()
    heavy = max(files, key=lambda path: len(files[path]))
    frozen = b"HTTP/1.1 200 OK\r\nContent-Length: 98000\r\n\r\n" + b"x" * 20_000

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = asyncio.StreamReader()
        asked.feed_data(head := await reader.readuntil(b"\r\n\r\n"))
        if heavy.encode() not in head:
            await telling(files)(asked, writer)
            return
        writer.write(frozen)
        await reader.read()

    found = await seen(handle)

    stalls = [
        s.seen.stalled_at for s in found.steps if isinstance(s.seen, Exchange) and s.seen.stalled_at
    ]
    assert len(stalls) == 3
    assert len(set(stalls)) == 1
    assert stalls[0] > 20_000


async def test_a_page_that_was_changed_is_invalid() -> None:
    _, files = await made()
    changed = {p: b"<h1>False</h1>\n" if p.endswith(".html") else b for p, b in files.items()}

    found = await seen(telling(changed))

    assert str(found.failure) == "signature:invalid"


async def test_a_pointer_of_other_keys_is_invalid() -> None:
    _, files = await made()
    name = next(p for p in files if p.startswith("latest.json.") and p.endswith(".asc"))
    beside = next(p for p in files if p.startswith("here.json.") and p.endswith(".asc"))

    found = await seen(telling(files | {name: files[beside]}))

    assert str(found.failure) == "signature:invalid"


async def test_the_whole_measurement_has_an_end() -> None:
    patience = replace(FAST, stall=5, exchange=5, whole=0.3)
    async with serving(hang) as port:
        found = await (await probe(patience=patience)).measure(
            aim(f"http://{HOST}:{port}/"), vantage()
        )

    assert stages(found) == ["tcp:ok"]
