"""The report as one self-contained HTML page: inline drawings, all text escaped, no script, nothing from a network."""

from __future__ import annotations

import re
from importlib.resources import files as package_files
from typing import Any

from scs_sim.picture.svg import write_svg
from scs_sim.report.content import Report

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def report_html(report: Report) -> str:
    """Return the page; it reads on a screen and prints black on white, the footer on every page."""
    return rendered("report.html.j2", report=report)


def rendered(template: str, **values: Any) -> str:
    """Return a template of this package filled in; what is put in is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_printable
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.globals["svg"] = write_svg
    text = package_files("scs_sim.report").joinpath(template).read_text(encoding="utf-8")
    return environment.from_string(text).render(**values)


def _printable(value: Any) -> Any:
    """Return text without characters that no page may hold."""
    return _CONTROL.sub("", value) if type(value) is str else value
