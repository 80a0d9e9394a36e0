"""Places of the lab: addresses and names of its small internet."""

MIRROR = "203.0.113.10"
INNOCENT = "203.0.113.20"
RESOLVER = "203.0.113.53"
IMPOSTOR = "203.0.113.66"
POST = "203.0.113.25"
PAPERS = {
    "amber": "203.0.113.11",
    "birch": "203.0.113.12",
    "cedar": "203.0.113.13",
    "dune": "203.0.113.14",
    "ember": "203.0.113.15",
}
"""Mirrors of a whole newsroom, by id: each is found under `id.example`."""

LAKE = "203.0.113.30"
"""An S3 provider."""

WORLD = (MIRROR, INNOCENT, RESOLVER, IMPOSTOR, POST, LAKE, *PAPERS.values())

MIRROR_NAME = "news.example"
INNOCENT_NAME = "innocent.example"
POST_NAME = "post.example"
NAMES = {MIRROR_NAME: MIRROR, INNOCENT_NAME: INNOCENT, POST_NAME: POST}
NAMES |= {f"{name}.example": address for name, address in PAPERS.items()}

COUNTRY, CENSOR, FREE = "country", "censor", "free"
INNER, OUTER = "x0", "x1"
