"""Draw body_map.svg: python docs/body-map/compose.py [FILE]. Run it after a change of figure, borders or details.

Splits each half figure into its regions and dermatomes, mirrors it, and writes one <path> per region and per dermatome
with the data the product reads (side, view, title, CHOIR code). The product reads the SVG, never this.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import borders
import details
import figure
import numpy as np
from names import CHOIR, TITLES
from pen import Array, Points, area, faces, inside, outline, spline

WIDTH, HEIGHT, TOP = 1080.0, 1092.0, 36.0
CENTRE = {"front": 270.0, "sole": 540.0, "back": 810.0}
SLIVER = 12.0
DESCRIPTION = (
    "Own drawing. Front and soles as seen from in front (patient's right on the left of the picture), back as "
    "seen from behind. One path per region (finer than the CHOIR body map; data-choir names the segment each rolls up "
    "to) and per dermatome. No dermatome: the face (trigeminal nerve)."
)
STYLE = (
    "#regions path{fill:#dfe5ec;stroke:#8593a3;stroke-width:.5}"
    "#dermatomes path{fill:none;stroke:#3b76b5;stroke-width:.6;stroke-dasharray:3 2}"
    "#outlines path{fill:none;stroke:#4b5766;stroke-width:1.1}"
    "#details path{fill:none;stroke:#4b5766;stroke-linecap:round;stroke-opacity:.55;stroke-width:.6}"
    "#details .fold{stroke-width:.9}#landmarks circle{fill:#b3382c}"
    "#letters text{font:600 20px sans-serif;fill:#4b5766;text-anchor:middle}"
)
OUTLINES = {"front": figure.FRONT, "back": figure.BACK, "sole": figure.SOLE}


def labelled(view: str, cuts: dict[str, Points], seeds: dict[str, Points]) -> dict[str, list[list[Array]]]:
    """Return the closed chains of each label; faces without a seed smaller than SLIVER join their longest neighbour."""
    curves = list(OUTLINES[view])
    if view != "sole":
        curves.append(spline([figure.CROTCH, (0.0, 0.0)])[0])
    for cut in cuts.values():
        curves += spline(cut)
    whole = outline(OUTLINES[view])
    loops = [
        loop
        for loop in faces(curves)
        if area(outline(loop)) > SLIVER or inside(whole, tuple(outline(loop).mean(axis=0)))  # a notch is not the body
    ]

    def key(arc: Array) -> tuple[float, ...]:
        return tuple(np.round(arc, 6).ravel())

    owner: dict[tuple[float, ...], int] = {key(arc): k for k, loop in enumerate(loops) for arc in loop}
    labels: list[str] = []
    for loop in loops:
        polygon = outline(loop)
        names = [name for name, points in seeds.items() if any(inside(polygon, p) for p in points)]
        if len(names) > 1 or (not names and abs(area(polygon)) > SLIVER):
            raise SystemExit(f"{view}: face at {polygon.mean(0).round(1)} has labels {names}")
        labels.append(names[0] if names else "")
    for k, loop in enumerate(loops):
        if not labels[k]:
            lengths: dict[str, float] = {}
            for arc in loop:
                other = owner.get(key(arc[::-1]))
                if other is not None and labels[other]:
                    lengths[labels[other]] = lengths.get(labels[other], 0.0) + float(np.hypot(*(arc[3] - arc[0])))
            labels[k] = max(lengths, key=lambda name: lengths[name])
    chains: dict[str, list[list[Array]]] = {}
    for name in seeds:
        arcs = [arc for k, loop in enumerate(loops) if labels[k] == name for arc in loop]
        held = {key(arc) for arc in arcs}
        chains[name] = closed([arc for arc in arcs if key(arc[::-1]) not in held])
        if not chains[name]:
            raise SystemExit(f"{view}: no face is {name}")
    return chains


def closed(arcs: Sequence[Array]) -> list[list[Array]]:
    """Return the arcs as closed chains."""
    left = list(arcs)
    chains: list[list[Array]] = []
    while left:
        chain = [left.pop(0)]
        while np.hypot(*(chain[-1][3] - chain[0][0])) > 1e-9:
            k = min(range(len(left)), key=lambda i: float(np.hypot(*(left[i][0] - chain[-1][3]))))
            chain.append(left.pop(k))
        chains.append(chain)
    return chains


def placed(points: Array, view: str, sign: int) -> Array:
    """Return half coordinates on the canvas; sign -1 is the half on the left of the picture."""
    return np.stack([CENTRE[view] + sign * points[..., 0], TOP + points[..., 1]], axis=-1)


def side_of(view: str, sign: int) -> str:
    """Return the patient's side: the front and the soles are seen from the front, the back from behind."""
    return ("left" if sign < 0 else "right") if view == "back" else ("right" if sign < 0 else "left")


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return (
        f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0")
        if abs(value) < 0.005
        else f"{value:.2f}".rstrip("0").rstrip(".")
    )


def cross(a: Array, b: Array) -> float:
    """Return the z part of the cross product."""
    return float(a[0] * b[1] - a[1] * b[0])


def path_data(chains: Sequence[Sequence[Array]], view: str, sign: int, close: bool = True) -> str:
    """Return the d attribute of closed (or open) chains of Bezier segments."""
    words: list[str] = []
    for chain in chains:
        at = [placed(arc, view, sign) for arc in chain]
        words.append("M" + " ".join(number(v) for v in at[0][0]))
        for arc in at:
            flat = (
                max(abs(cross(arc[1] - arc[0], arc[3] - arc[0])), abs(cross(arc[2] - arc[0], arc[3] - arc[0]))) < 1e-6
            )
            words.append(
                "L" + " ".join(number(v) for v in arc[3])
                if flat
                else "C" + " ".join(number(v) for v in arc[1:].ravel())
            )
        if close:
            words.append("Z")
    return "".join(words)


def main() -> None:
    """Write the SVG to the file named on the command line, or into the package."""
    target = (
        Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "models/scs_models/data/body_map.svg"
    )
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" data-mm-per-unit="1.75">',
        "<title>Body map: regions, dermatomes and landmarks of a standing adult</title>",
        f"<desc>{DESCRIPTION}</desc>",
        f"<style>{STYLE}</style>",
    ]
    sets = {
        "regions": (
            ("front", borders.REGIONS_FRONT, borders.SEEDS_FRONT),
            ("back", borders.REGIONS_BACK, borders.SEEDS_BACK),
            ("sole", borders.REGIONS_SOLE, borders.SEEDS_SOLE),
        ),
        "dermatomes": (
            ("front", borders.DERMATOMES_FRONT, borders.DERMATOME_SEEDS_FRONT),
            ("back", borders.DERMATOMES_BACK, borders.DERMATOME_SEEDS_BACK),
            ("sole", borders.DERMATOMES_SOLE, borders.DERMATOME_SEEDS_SOLE),
        ),
    }
    for group, views in sets.items():
        out.append(f'<g id="{group}">')
        for view, cuts, seeds in views:
            chains = labelled(view, cuts, seeds)
            for name, pieces in chains.items():
                for sign in (-1, 1):
                    side = side_of(view, sign)
                    if group == "regions":
                        part, title, codes = name_of(name, view)
                        head = (
                            f'id="{side}_{part}" data-side="{side}" data-view="{view}" '
                            f'data-choir="{codes[0 if side == "right" else 1]}" data-title="{side} {title}"'
                        )
                    else:
                        head = (
                            f'id="dermatome_{side}_{name}_{view}" data-side="{side}" data-view="{view}" '
                            f'data-dermatome="{name}"'
                        )
                    out.append(f'<path {head} d="{path_data(pieces, view, sign)}"/>')
        out.append("</g>")
    out.append('<g id="outlines">')
    for view, chain in OUTLINES.items():
        if view == "sole":
            for sign in (-1, 1):
                out.append(
                    f'<path id="outline_sole_{side_of(view, sign)}" data-view="sole" '
                    f'd="{path_data([chain], view, sign)}"/>'
                )
        else:
            mirrored = [arc[::-1] * np.array([-1.0, 1.0]) for arc in chain[::-1]]
            out.append(
                f'<path id="outline_{view}" data-view="{view}" d="{path_data([[*chain, *mirrored]], view, 1)}"/>'
            )
    out.append('</g>\n<g id="details">')
    halves = {"front": details.FRONT, "back": details.BACK, "sole": details.SOLE}
    whole = {"front": details.MIDLINE_FRONT, "back": details.MIDLINE_BACK, "sole": []}
    for view in OUTLINES:
        for weight, points in halves[view] + whole[view]:
            for sign in (-1, 1) if (weight, points) in halves[view] else (1,):
                kind = ' class="fold"' if weight == 2 else ""
                out.append(
                    f'<path{kind} data-view="{view}" d="{path_data([spline(points)], view, sign, close=False)}"/>'
                )
    out.append('</g>\n<g id="landmarks">')
    for view, marks in (("front", details.LANDMARKS_FRONT), ("back", details.LANDMARKS_BACK)):
        for name, point in marks.items():
            for sign in (-1, 1):
                side = side_of(view, sign)
                x, y = placed(np.array(point), view, sign)
                out.append(
                    f'<circle id="landmark_{side}_{name}" data-side="{side}" data-view="{view}" data-landmark="{name}" '
                    f'cx="{number(x)}" cy="{number(y)}" r="1.6"/>'
                )
    out.append('</g>\n<g id="letters">')
    for view, y, offset in (("front", 120.0, 130.0), ("back", 120.0, 130.0), ("sole", 770.0, 88.0)):
        for sign in (-1, 1):
            side = side_of(view, sign)
            out.append(
                f'<text data-view="{view}" data-side="{side}" x="{number(CENTRE[view] + sign * offset)}" '
                f'y="{number(y)}">'
                f"{side[0].upper()}</text>"
            )
    out.append("</g>\n</svg>\n")
    target.write_text("\n".join(out), encoding="utf-8")
    print(target, f"{target.stat().st_size / 1000:.0f} kB")


def name_of(name: str, view: str) -> tuple[str, str, tuple[str, str]]:
    """Return id (without side), title and CHOIR codes (right, left) of a region of one view."""
    part = TITLES[view][name][0] or name
    return part, TITLES[view][name][1], CHOIR[view][TITLES[view][name][2]]


if __name__ == "__main__":
    main()
