"""People: patients drawn from the distributions of populations.toml, seeded; what is known of one is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from scs_models.anatomy import dermatome_names
from scs_models.errors import UnknownNameError
from scs_models.tables import Table, read_table
from scs_models.values import require_between
from scs_sim.patient import BandWeight, Patient

DRAWN = (
    "dorsal_csf_factor",
    "cord_offset_mm",
    "segment_shift",
    "conductivities",
    "band_weights",
    "felt_fibres",
    "gain",
)
"""The fields of a Patient that are drawn where they are not known; surgery, injuries and levels_csf are always kept."""

GREATEST_COUNT = 100_000
GREATEST_SEED = 2**32 - 1


def draw_patient(seed: int, base: Patient | None = None, known: Collection[str] | None = None) -> Patient:
    """Return the patient of `seed`: `base` (default: the canonical one) with every unknown field drawn.

    known: fields of DRAWN to keep; None: those in which `base` differs from the canonical patient. A field's draw does
    not depend on what else is known. Raises UnknownNameError, InvalidValueError. Source: populations.toml, people.
    """
    require_between("seed", seed, 0, GREATEST_SEED)
    return _drawn(np.random.SeedSequence(int(seed)), Patient() if base is None else base, known)


def draw_patients(
    count: int, seed: int, base: Patient | None = None, known: Collection[str] | None = None
) -> tuple[Patient, ...]:
    """Return `count` patients of one seed; the first ones are the same whatever the count. Errors as `draw_patient`."""
    require_between("count", count, 1, GREATEST_COUNT)
    require_between("seed", seed, 0, GREATEST_SEED)
    start = Patient() if base is None else base
    return tuple(_drawn(np.random.SeedSequence([int(seed), index]), start, known) for index in range(count))


def known_fields(base: Patient) -> tuple[str, ...]:
    """Return the fields of DRAWN in which `base` differs from the canonical patient."""
    usual = Patient()
    return tuple(name for name in DRAWN if getattr(base, name) != getattr(usual, name))


def _drawn(sequence: np.random.SeedSequence, base: Patient, known: Collection[str] | None) -> Patient:
    kept = set(known_fields(base) if known is None else known)
    for name in kept:
        if name not in DRAWN:
            raise UnknownNameError("known", name, DRAWN)
    people = read_table("populations")["people"]
    gain_log_sd = float(read_table("populations")["patient_gain"]["log_sd"])
    streams = dict(zip(DRAWN, (np.random.default_rng(child) for child in sequence.spawn(len(DRAWN))), strict=True))
    rules = people["conductivities"]
    drawn = Patient(
        dorsal_csf_factor=_within(streams["dorsal_csf_factor"], people["dorsal_csf_factor"]),
        cord_offset_mm=_offset_mm(streams["cord_offset_mm"], people["cord_offset"]),
        segment_shift=_shift(streams["segment_shift"], people["segment_shift"]),
        conductivities=str(streams["conductivities"].choice(rules["names"], p=rules["shares"])),
        band_weights=_bands(streams["band_weights"], float(people["band_width"]["log_sd"])),
        felt_fibres=_felt(streams["felt_fibres"], people["felt_fibres"]),
        gain=float(np.clip(np.exp(gain_log_sd * streams["gain"].normal()), 0.2, 5.0)),
    )
    changes = {name: getattr(drawn, name) for name in DRAWN if name not in kept}
    return replace(base, **changes, seed=int(sequence.generate_state(1)[0]))


def _within(generator: np.random.Generator, row: Table) -> float:
    while True:
        value = 1.0 + float(row["sd_factor"]) * float(generator.normal())
        if row["low_factor"] <= value <= row["high_factor"]:
            return value


def _offset_mm(generator: np.random.Generator, row: Table) -> float:
    aside, side, place = generator.uniform(size=3)
    if aside >= row["share_of_people"]:
        return float(row["small_mm"] * (2.0 * place - 1.0))
    size = row["low_mm"] + (row["high_mm"] - row["low_mm"]) * place
    return float(size if side < 0.5 else -size)


def _shift(generator: np.random.Generator, row: Table) -> float:
    high, step = float(row["high"]), float(row["step"])
    return float(np.round(generator.triangular(-high, 0.0, high) / step) * step)


def _bands(generator: np.random.Generator, log_sd: float) -> tuple[BandWeight, ...]:
    factors = np.clip(np.exp(log_sd * generator.normal(size=len(dermatome_names()))), 0.25, 4.0)
    return tuple(BandWeight(name, float(factor)) for name, factor in zip(dermatome_names(), factors, strict=True))


def _felt(generator: np.random.Generator, row: Table) -> float:
    value = float(row["median_fibres"]) * float(np.exp(float(row["log_sd"]) * generator.normal()))
    return float(np.clip(value, row["low_fibres"], row["high_fibres"]))
