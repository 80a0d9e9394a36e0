"""A web server: nginx on loopback, with and without TLS, serving one folder; and a silent one."""

import asyncio
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.bench.cloud import program, user
from tests.kit.strangers import free_port

_CONFIG = """\
{user}daemon off; worker_processes 1; pid {place}/nginx.pid; error_log {place}/nginx.err crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p;
  fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
  types {{ text/html html; }}
  ssl_certificate {place}/cert.pem; ssl_certificate_key {place}/key.pem;
  ssl_session_cache off; ssl_session_tickets off;
  server {{
    listen 127.0.0.1:{plain} backlog=4096; listen 127.0.0.1:{secure} ssl backlog=4096;
    root {place}/pages;
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServer:
    """A running nginx. `authority` is the certificate that its own is judged by."""

    plain: str
    secure: str
    authority: Path
    pages: Path
    pid: int

    def workers(self) -> Sequence[int]:
        """The processes that answer."""
        told = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(number) for number in told.split()]


@contextmanager
def serving(place: Path, nginx: str) -> Iterator[WebServer]:
    """nginx over `place/pages`, until the block ends."""
    (place / "pages").mkdir(parents=True, exist_ok=True)
    _certificate(place)
    plain, secure = free_port(), free_port()
    config = place / "web.conf"
    config.write_text(_CONFIG.format(user=user(), place=place, plain=plain, secure=secure))
    with program([nginx, "-c", str(config)], plain) as pid:
        yield WebServer(
            plain=f"http://127.0.0.1:{plain}/",
            secure=f"https://127.0.0.1:{secure}/",
            authority=place / "cert.pem",
            pages=place / "pages",
            pid=pid,
        )


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes every connection and never says a word."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    port = 0

    async def run() -> None:
        nonlocal port

        async def hold(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read()

        server = await asyncio.start_server(hold, "127.0.0.1", 0, backlog=4096)
        port = server.sockets[0].getsockname()[1]
        started.set()
        await server.serve_forever()

    task = loop.create_task(run())
    thread = threading.Thread(target=_until_cancelled, args=(loop, task), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


def _until_cancelled(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        pass
    finally:
        loop.close()


def _certificate(place: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=bench", "-addext"]
    command += ["subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:TRUE"]
    command += ["-keyout", str(place / "key.pem"), "-out", str(place / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
