"""What the keys of the body map do: tools, the brush's size, layers."""

from __future__ import annotations

from functools import partial

from scs_ui.keys import Handler
from scs_ui.state.looks.body import turned
from scs_ui.state.store import Store
from scs_ui.state.view import PainTool

TOOLS: tuple[PainTool, ...] = ("brush", "eraser", "region", "polygon")


def handlers(store: Store) -> dict[str, Handler]:
    """Return the handlers; a tool chosen again is put away."""
    return {
        **{f"pain.{tool}": partial(take_tool, store, tool) for tool in TOOLS},
        "pain.smaller": lambda: turn_brush(store, -1),
        "pain.larger": lambda: turn_brush(store, 1),
        "body.pain": lambda: toggle_layer(store, "pain"),
        "body.overlay": lambda: toggle_layer(store, "paresthesia"),
    }


def take_tool(store: Store, tool: PainTool) -> None:
    """Take a tool in hand, or put it away again; pain is shown while one is in hand."""
    if store.view.tool == tool:
        store.look(tool="none")
    else:
        store.look(tool=tool, layers=store.view.layers | {"pain"})


def turn_brush(store: Store, steps: int) -> None:
    """Make the brush wider or narrower."""
    store.look(brush_size=turned(store.view.brush_size, steps))


def toggle_layer(store: Store, layer: str) -> None:
    """Show or hide a layer of the map; the roots' hatch goes with the paresthesia."""
    layers = store.view.layers ^ {layer}
    if layer == "paresthesia":
        layers = layers | {"roots"} if "paresthesia" in layers else layers - {"roots"}
    store.look(layers=frozenset(layers))
