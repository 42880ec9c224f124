"""Reports to print: what was programmed and what the model predicts, as one HTML page; and a one-page program card.

Words and figures are put together once (`report_of`, `card_scene`); HTML, PDF and PNG show the same.
"""

from __future__ import annotations

from scs_sim.report.card import card_html, card_scene
from scs_sim.report.content import Matter, Noted, Report, Tried
from scs_sim.report.page import report_html
from scs_sim.report.sections import report_of

__all__ = ["Matter", "Noted", "Report", "Tried", "card_html", "card_scene", "report_html", "report_of"]
