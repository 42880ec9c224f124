"""What a sweep finds out: the axes, and every figure with its unit, its title and the axes that it depends on."""

from __future__ import annotations

from dataclasses import dataclass

AXES = ("case", "patient", "posture", "configuration", "waveform", "pulse_width_us", "rate_hz", "amplitude")
"""The axes of a data set; the first three name a setting, the others a program."""
SETTING_AXES = 3
_PULSE, _RATE, _ALL = AXES[:6], AXES[:7], AXES


@dataclass(frozen=True, slots=True)
class Figure:
    """One variable of a data set: its name, unit, axes, and what it is in words."""

    name: str
    unit: str
    axes: tuple[str, ...]
    title: str


FIGURES = (
    Figure("pt_ma", "mA", _RATE, "perception threshold PT; nan: never felt"),
    Figure("comfort_ma", "mA", _RATE, "comfort amplitude; nan: never felt"),
    Figure("dt_ma", "mA", _RATE, "discomfort threshold DT; nan: never reached"),
    Figure("usage_ratio", "1", _RATE, "DT over PT; nan: never felt"),
    Figure("mt_ma", "mA", _PULSE, "motor threshold MT, the same at every rate; nan: no limb muscle moves"),
    Figure("deliverable_ma", "mA", _PULSE, "amplitude at which the generator's voltage is used up; nan: no load"),
    Figure("load_ohm", "ohm", _PULSE, "load between the ends of the circuit"),
    Figure("amplitude_ma", "mA", _ALL, "amplitude asked for; relative ones at most the greatest a program may have"),
    Figure("reached_ma", "mA", _ALL, "amplitude as far as the generator's voltage lets it, where all else is read off"),
    Figure("pain_covered_percent", "%", _ALL, "painful area in which paresthesia is predicted"),
    Figure("pain_covered_by_score_percent", "%", _ALL, "the same, each area weighed by its pain score"),
    Figure("worst_region_percent", "%", _ALL, "felt share of the painful region that is covered least"),
    Figure("worst_region", "1", _ALL, "which region that is: its place along the coordinate region; -1: none"),
    Figure("unwanted_of_felt_percent", "%", _ALL, "felt area outside the pain, of all that is felt; nan: nothing felt"),
    Figure("unwanted_of_painful_percent", "%", _ALL, "felt area outside the pain, over the painful area"),
    Figure("left_percent_of_felt", "%", _ALL, "part of the felt area on the left; nan: nothing felt"),
    Figure("right_percent_of_felt", "%", _ALL, "part of the felt area on the right; nan: nothing felt"),
    Figure("dr_share_percent", "%", _ALL, "part of the felt area that dorsal roots alone give; nan: nothing felt"),
    Figure("charge_per_phase_uc", "uC", _ALL, "charge of one phase"),
    Figure("charge_density_uc_per_cm2", "uC/cm2", _ALL, "charge density at the worst contact"),
    Figure("shannon_k", "1", _ALL, "Shannon's k at the worst contact; nan: no charge"),
    Figure("compliance_v", "V", _ALL, "voltage that the amplitude asked for needs"),
    Figure("average_current_ua", "uA", _ALL, "mean current of the first phase that the generator gives"),
)
FELT = Figure("felt_percent", "%", (*AXES, "region"), "share of each region in which paresthesia is felt")
WHOLE_NUMBERS = frozenset(("worst_region",))
COVERAGE = frozenset(figure.name for figure in FIGURES[9:18]) | {FELT.name}
"""The figures that do not apply to paresthesia-free rates: nan there."""


def figures_of(regions: bool) -> tuple[Figure, ...]:
    """Return the figures of a sweep, with the felt share of every region or without."""
    return (*FIGURES, FELT) if regions else FIGURES
