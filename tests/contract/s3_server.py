"""A real S3 server (moto, in a child process) on a free loopback port, and buckets in it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
from botocore.config import Config

from mirror.credentials import Credentials
from mirror.s3 import Bucket

ADDRESS = re.compile(r"Running on (http://127\.0\.0\.1:[0-9]+)")
KEYS = Credentials(access_key="an-access-key", secret_key="an-invented-secret")
_NUMBERS = count(1)


@dataclass(frozen=True)
class Server:
    """A running server. `street` is where strangers read, where that is another door."""

    endpoint: str
    street: str = ""
    authority: Path | None = None
    policies: bool = True
    """Whether a bucket is shut to strangers until its policy opens it."""

    def bucket(self, *, public: bool = True, prefix: str = "") -> Bucket:
        """A fresh bucket that anyone may read, unless told otherwise."""
        name = f"bucket-{next(_NUMBERS)}"
        client = self.client()
        try:
            client.create_bucket(Bucket=name)
            if public and self.policies:
                client.put_bucket_policy(Bucket=name, Policy=_anyone_may_read(name))
        finally:
            client.close()
        return Bucket(
            endpoint=self.endpoint,
            region="us-east-1",
            name=name,
            prefix=prefix,
            credentials=KEYS,
            authority=self.authority,
        )

    def client(self) -> Any:
        """A boto3 client of the bucket's owner."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEYS.access_key,
            aws_secret_access_key=KEYS.secret_key,
            verify=str(self.authority) if self.authority else None,
            config=Config(
                s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )

    def base(self, bucket: Bucket) -> str:
        """Where strangers read a bucket."""
        return f"{self.street or self.endpoint}/{bucket.name}/{bucket.prefix}"


@contextmanager
def running() -> Iterator[Server]:
    """Start a server, wait until it says its address, stop it at the end."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if found := ADDRESS.search(line.decode()):
                    # It logs every request there, and stands still once the pipe is full.
                    Thread(target=server.stderr.read, daemon=True).start()
                    yield Server(endpoint=found[1])
                    break
            else:
                raise RuntimeError("the S3 server did not start")
        finally:
            server.terminate()
            server.wait(10)


def _anyone_may_read(name: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
