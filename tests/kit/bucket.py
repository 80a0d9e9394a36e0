"""A bucket as one more mirror of a newsroom."""

from pathlib import Path

from tests.contract.s3_server import KEYS, Server


def add_bucket(folder: Path, server: Server, *, mirror: str = "delta") -> str:
    """Let a fresh public bucket of `server` be a mirror; gives the bucket's name."""
    bucket = server.bucket()
    secret = folder / "secret.toml"
    secret.write_text(f'access_key = "{KEYS.access_key}"\nsecret_key = "{KEYS.secret_key}"\n')
    secret.chmod(0o600)
    with (folder / "tamizdat.toml").open("a") as config:
        config.write(
            f'\n[[mirror]]\nid = "{mirror}"\nbackend = "s3"\nbucket = "{bucket.name}"\n'
            f'endpoint = "{server.endpoint}"\ncredentials = "secret.toml"\n'
            f'url = "{server.base(bucket)}"\n'
        )
    return bucket.name
