"""Clients: the tools that sync a folder to a bucket, each as its own makers tell to use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kit.bench.cloud import ACCESS, SECRET, Cloud
from tests.kit.bench.peers import Cast

RCLONE, S5CMD, AWS = "rclone, tuned", "s5cmd", "awscli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A tool: its name, its command but for the two places, and the variables that it reads."""

    name: str
    before: Sequence[str]
    after: Sequence[str]
    scheme: str
    variables: Mapping[str, str]

    def command(self, tree: Path, bucket: str) -> Sequence[str]:
        """The command that makes `bucket` equal to the folder `tree`."""
        return [*self.before, f"{tree}/", f"{self.scheme}{bucket}", *self.after]


def clients(cloud: Cloud, cast: Cast) -> Sequence[Client]:
    """Those that are installed."""
    found = []
    keys = {
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if rclone := cast.program("rclone"):
        found.append(
            Client(
                name=RCLONE,
                before=[rclone, "--config", "/dev/null", "sync"],
                after=[
                    *("--checksum", "--fast-list", "--s3-no-head", "--s3-no-check-bucket"),
                    *("--transfers", "64", "--checkers", "64"),
                ],
                scheme="x:",
                variables={
                    "RCLONE_CONFIG_X_TYPE": "s3",
                    "RCLONE_CONFIG_X_PROVIDER": "Rclone",
                    "RCLONE_CONFIG_X_ENDPOINT": cloud.endpoint,
                    "RCLONE_CONFIG_X_ACCESS_KEY_ID": ACCESS,
                    "RCLONE_CONFIG_X_SECRET_ACCESS_KEY": SECRET,
                },
            )
        )
    if s5cmd := cast.program("s5cmd"):
        words = [s5cmd, "--endpoint-url", cloud.endpoint, "--log", "error", "sync", "--delete"]
        found.append(_aws_like(S5CMD, words, keys))
    if aws := cast.program("aws"):
        words = [aws, "--endpoint-url", cloud.endpoint, "s3", "sync", "--delete"]
        found.append(_aws_like(AWS, [*words, "--only-show-errors"], keys))
    return found


def _aws_like(name: str, words: Sequence[str], keys: Mapping[str, str]) -> Client:
    return Client(name=name, before=words, after=(), scheme="s3://", variables=keys)
