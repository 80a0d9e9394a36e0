"""A WordPress export, invented."""

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Heron</title><link>https://heron.example</link><language>en</language>
"""
AUTHORS = (("mira", "mira@heron.example", "Mira Solen"), ("oto", "oto@heron.example", "Oto Brandl"))


@dataclass(frozen=True, kw_only=True)
class Post:
    """One `<item>`; `raw` is further XML within it."""

    number: int
    title: str
    text: str
    author: str = "mira"
    category: str = ""
    tags: tuple[str, ...] = ()
    excerpt: str = ""
    kind: str = "post"
    status: str = "publish"
    day: str = "2026-10-04 05:06:07"
    raw: str = ""

    @property
    def xml(self) -> str:
        """The item."""
        slug = self.category.lower().replace(" ", "-")
        named = f'<category domain="category" nicename="{slug}"><![CDATA[{self.category}]]>'
        category = f"{named}</category>" if self.category else ""
        tags = "".join(
            f'<category domain="post_tag" nicename="{t}"><![CDATA[{t}]]></category>'
            for t in self.tags
        )
        return f"""<item><title><![CDATA[{self.title}]]></title>
<link>https://heron.example/{self.number}</link>
<guid isPermaLink="false">https://heron.example/?p={self.number}</guid>
<dc:creator><![CDATA[{self.author}]]></dc:creator>
<content:encoded><![CDATA[{self.text}]]></content:encoded>
<excerpt:encoded><![CDATA[{self.excerpt}]]></excerpt:encoded>
<wp:post_id>{self.number}</wp:post_id><wp:post_date_gmt>{self.day}</wp:post_date_gmt>
<wp:status>{self.status}</wp:status><wp:post_type>{self.kind}</wp:post_type>
{category}{tags}{self.raw}</item>
"""


def export(*posts: Post, authors: Sequence[tuple[str, str, str]] = AUTHORS) -> bytes:
    """The whole file; `authors` are login, mail address, name shown."""
    named = "".join(
        f"<wp:author><wp:author_login>{login}</wp:author_login>"
        f"<wp:author_email>{mail}</wp:author_email>"
        f"<wp:author_display_name><![CDATA[{name}]]></wp:author_display_name></wp:author>\n"
        for login, mail, name in authors
    )
    return (HEAD + named + "".join(post.xml for post in posts) + "</channel></rss>\n").encode()
