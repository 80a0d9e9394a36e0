"""An awkward provider: `rclone serve s3` over a folder, which strangers read by another server.

No policies, no versions, no conditions; strangers learn neither types nor cache rules of ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.contract.s3_server import KEYS, Server
from tests.kit.bench.cloud import program
from tests.kit.providers import rclone
from tests.kit.strangers import free_port


@contextmanager
def running(place: Path) -> Iterator[Server]:
    """Start it over a fresh folder, wait until both doors are open, stop it at the end."""
    path, port, buckets = rclone(), free_port(), place / "buckets"
    assert path is not None
    buckets.mkdir()
    keys = f"{KEYS.access_key},{KEYS.secret_key}"
    serve = [path, "--config", "/dev/null", "serve", "s3", "--addr", f"127.0.0.1:{port}"]
    serve += ["--auth-key", keys, "--vfs-cache-mode", "off", str(buckets)]
    with program(serve, port), _street(buckets) as street:
        yield Server(endpoint=f"http://127.0.0.1:{port}", street=street, policies=False)


@contextmanager
def _street(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(10)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: what is asked for is in the tests."""
