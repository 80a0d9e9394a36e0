"""A cloud: one S3 server (rclone) behind a proxy (nginx) that logs each request, on loopback.

Strangers read the buckets' files from nginx itself; whoever signs a request reaches the server.
"""

import os
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config

from tests.kit.strangers import free_port

ACCESS, SECRET = "benchkey", "an-invented-secret"
PATIENCE = 20.0

_NGINX = """\
{user}daemon off; worker_processes 1; pid {place}/nginx.pid; error_log {place}/nginx.err warn;
events {{ worker_connections 1024; }}
http {{
  log_format one '$request_method $status';
  access_log {place}/requests.log one;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/f;
  uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
  client_max_body_size 64m; client_body_buffer_size 1m; keepalive_requests 1000000;
  etag off; if_modified_since off;
  upstream s3 {{ server 127.0.0.1:{inner}; keepalive 64; keepalive_requests 1000000; }}
  map "$request_method:$http_authorization" $stranger {{ default 0; "GET:" 1; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      root {place}/buckets;
      if ($stranger = 0) {{ rewrite ^(.*)$ /signed$1 last; }}
    }}
    location /signed/ {{
      internal; rewrite ^/signed(/.*)$ $1 break;
      proxy_pass http://s3$uri$is_args$args; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $http_host;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A running server."""

    place: Path
    endpoint: str

    def bucket(self, name: str) -> Path:
        """A fresh, empty bucket, made by its server; gives the folder that it is."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket=name)
        client.close()
        self.requests()
        return self.place / "buckets" / name

    def requests(self) -> Mapping[str, int]:
        """How many requests of each kind came since last asked; all have to be good ones."""
        time.sleep(0.2)  # nginx writes its log after the answer
        log = self.place / "requests.log"
        lines = log.read_text().splitlines()
        log.write_text("")
        return dict(Counter(line.split()[0] for line in lines))


@contextmanager
def running(place: Path, rclone: str, nginx: str) -> Iterator[Cloud]:
    """A cloud until the block ends."""
    (place / "buckets").mkdir(parents=True)
    inner, port = free_port(), free_port()
    config = place / "nginx.conf"
    config.write_text(_NGINX.format(user=user(), place=place, inner=inner, port=port))
    serve = [rclone, "serve", "s3", str(place / "buckets"), "--addr", f"127.0.0.1:{inner}"]
    serve += ["--auth-key", f"{ACCESS},{SECRET}", "--config", "/dev/null"]
    with program(serve, inner), program([nginx, "-c", str(config)], port):
        yield Cloud(place=place, endpoint=f"http://127.0.0.1:{port}")


@contextmanager
def program(command: list[str], port: int) -> Iterator[int]:
    """A server that listens at `port`, until the block ends; gives its process's number."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            _wait(server, port)
            yield server.pid
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a server of the bench did not start")


def user() -> str:
    """Started by root, nginx would read files as somebody who may not."""
    return "user root; " if os.getuid() == 0 else ""
