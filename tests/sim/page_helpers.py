"""Looking at an HTML page as a strict reader does: what it loads, whether it is well-formed, what it says."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree

LOADS = re.compile(r"url\((?!#)|@import|(?<!<meta )http(?!://www\.w3\.org/)")
"""What a page that loads nothing cannot have: addresses other than names of XML dialects."""


def words(html: str) -> str:
    return re.sub(r"\s+", " ", "".join(ElementTree.fromstring(xml_of(html)).itertext()))


def xml_of(html: str) -> str:
    return html.removeprefix("<!DOCTYPE html>\n")


class Walk(HTMLParser):
    """Collects what a browser would load, and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self._look(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action") or name.startswith("on"):
                self.links.append((name, value or ""))
            if name == "id":
                self.ids[value or ""] += 1
