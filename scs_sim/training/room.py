"""Room: what documents, X-rays and measurements show. Bones and leads are seen, the cord never is."""

from __future__ import annotations

from typing import Any

import numpy as np

from scs_models import anatomy, files
from scs_models.leads import lead as lead_type_of
from scs_sim.training.case import TrainingCase
from scs_sim.training.tables import room_rules
from scs_sim.training.truth import TrueLead, nearest_level


def document(case: TrainingCase, item: str) -> tuple[dict[str, Any], str]:
    """Return a document of the case as data and in words."""
    if item == "history":
        rows = [files.encode(row) for row in case.history]
        words = "; ".join(f"{row.kind} ({row.when}): {row.outcome}" for row in case.history) or "nothing is recorded"
        return {"item": item, "items": rows}, words
    if item == "pain-map":
        data = files.encode(case.pain)
        scores = ", ".join(f"{region.replace('_', ' ')} {score:g}" for region, score in case.pain.scores.items())
        return {"item": item, **data}, scores or "see the drawing"
    text = " ".join((case.referral if item == "referral" else case.imaging).split())
    return {"item": item, "text": text}, text


def xray(leads: tuple[TrueLead, ...], view: str, roll: np.random.Generator) -> tuple[dict[str, Any], str]:
    """Return what an X-ray shows, as data and in words: x to the patient's right of the spinous processes, z rostral.

    Read with the accuracy of training.toml. From the side, leads show their level and that they lie dorsally.
    """
    rules, spine = room_rules(), anatomy.spine()
    bones = [
        {"vertebra": name, "mid_z_mm": round(float(z_mm), 1)}
        for name, z_mm in zip(spine.vertebrae, spine.mid_z_mm, strict=True)
    ]
    rows, words = [], []
    for lead in leads:
        shift = rules.xray_sd_mm * roll.normal(size=2)
        z_mm = _read_mm(lead.tip_z_mm + shift[0])
        level, offset_mm = nearest_level(z_mm)
        row: dict[str, Any] = {
            "lead": lead.number,
            "lead_type": lead.lead_type,
            "tip_level": level,
            "tip_offset_mm": round(offset_mm, 1),
        }
        place = f"lead {lead.number}: tip at {level} {offset_mm:+.1f} mm"
        if view == "ap":
            row["tip_x_mm"] = _read_mm(lead.x_mm + shift[1])
            row["contacts"] = [
                {"name": f"{lead.number}.{number}", "x_mm": _read_mm(x + shift[1]), "z_mm": _read_mm(z + shift[0])}
                for number, (x, z) in enumerate(lead.contacts(), start=1)
            ]
            place += f", {_beside(row['contacts'][0]['x_mm'])} at the tip"
            place += f", {_beside(row['contacts'][-1]['x_mm'])} at contact {lead_type_of(lead.lead_type).contact_count}"
        else:
            row["dorsal"] = True
            row["contacts"] = [
                {"name": f"{lead.number}.{number}", "z_mm": _read_mm(z + shift[0])}
                for number, (_, z) in enumerate(lead.contacts(), start=1)
            ]
            place += ", dorsal in the canal"
        rows.append(row)
        words.append(place)
    return {"view": view, "vertebrae": bones, "leads": rows}, "; ".join(words) or "bones only: no lead is in place"


def impedances(found: dict[str, tuple[float | None, str]], roll: np.random.Generator) -> tuple[dict[str, Any], str]:
    """Return what the generator measures at each contact, as data and in words."""
    rules, rows = room_rules(), []
    for name, (ohm, flag) in found.items():
        error = 1.0 + rules.impedance_sd_share * float(roll.normal())
        read = None if ohm is None else round(ohm * error / rules.impedance_step_ohm) * rules.impedance_step_ohm
        rows.append({"name": name, "ohm": read, "flag": flag})
    odd = [f"{row['name']} {row['flag']}" for row in rows if row["flag"]]
    usual = [float(row["ohm"]) for row in rows if row["ohm"] is not None]
    words = f"{min(usual):.0f} to {max(usual):.0f} ohm" if usual else "no contact conducts"
    return {"contacts": rows}, f"{words}; {', '.join(odd)}" if odd else f"{words}; nothing stands out"


def _read_mm(value: float) -> float:
    step = room_rules().xray_step_mm
    return float(round(value / step) * step)


def _beside(x_mm: float) -> str:
    if x_mm == 0.0:
        return "on the anatomical midline"
    return f"{abs(x_mm):g} mm {'right' if x_mm > 0 else 'left'} of the anatomical midline"
