"""What the command line asks of the window: a value, so that both sides are tested without the other."""

from __future__ import annotations

from dataclasses import dataclass

from scs_ui.state.session import Session


@dataclass(frozen=True, slots=True)
class Start:
    """How the window opens.

    session, file: what it opens with and where that was read from (None: whatever the app begins with; "" for a
    built-in case). layout, theme: None for the remembered ones. recover: offer work that a crash left behind.
    reset_settings: forget sizes, layout, theme and recent files first. demo: play the scripted demonstration.
    """

    session: Session | None = None
    file: str = ""
    layout: str | None = None
    theme: str | None = None
    recover: bool = True
    reset_settings: bool = False
    demo: bool = False
