"""Places of the lab: addresses and names of its small internet."""

MIRROR = "203.0.113.10"
INNOCENT = "203.0.113.20"
RESOLVER = "203.0.113.53"
IMPOSTOR = "203.0.113.66"
WORLD = (MIRROR, INNOCENT, RESOLVER, IMPOSTOR)

MIRROR_NAME = "news.example"
INNOCENT_NAME = "innocent.example"
NAMES = {MIRROR_NAME: MIRROR, INNOCENT_NAME: INNOCENT}

COUNTRY, CENSOR, FREE = "country", "censor", "free"
INNER, OUTER = "x0", "x1"
