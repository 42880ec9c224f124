"""Units stand in names: every float of a value type and every number of a table ends in a unit of one closed list.

What has no unit is listed here with its reason. A new name that is neither fails: give it its unit, or say why not.
Not judged: private types, and the modules in INNER, whose types are linear algebra or drawing and never leave them.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping

import scs_models
import scs_sim
from scs_models.tables import read_table, table_names

UNITS = (
    *("ma", "ua", "mv", "v", "us", "s", "hz", "mm", "um", "mm2", "rad", "deg", "c", "uc", "ohm", "ohm_cm", "pf"),
    *("mv_per_ma", "per_ma", "s_per_m", "s_per_cm2", "uf_per_cm2", "uc_per_cm2", "per_mm", "per_mm2", "percent"),
    *("mah", "days", "years", "mb", "points"),
)
# Counts, parts of a whole, factors and positions in an order: their last word says what they are.
UNITLESS_ENDINGS = (
    *("fibres", "count", "number", "factor", "share", "fraction", "ratio", "index", "weight", "weights", "widths"),
    *("intensity", "strength", "score", "scores", "width_factor", "perception", "level", "opacity"),
    *("log_sd", "share_sd", "probability"),
)
UNITLESS = {
    "multiples of the pulse width or of the pulse's amplitude": {"duration_pw", "level"},
    "a logarithm, a correlation, a slope, a rate constant of the predictor or of a gate": {
        *("log_sd", "threshold_log_sd", "gradient", "relative", "q0", "q2", "q3", "rho", "q10", "a", "k", "lamellae"),
        *("kernels", "impedance_kernels", "polarity", "phases", "sign", "gates"),
    },
    "positions counted in cord segments, bands or lines": {
        "segment",
        "segment_shift",
        "shift",
        "index",
        "xi",
        "xi_width",
        "step",
    },
    "positions as a part of a limb, of a level or of the drawing; drawing units": {
        *(
            "along",
            "lateral",
            "points",
            "width",
            "height",
            "landmarks",
            "mm_per_unit",
            "coordinate",
            "vertebra",
            "basis",
        ),
        *("normal", "xy", "x", "y"),
    },
    "multiples of a perception threshold, or of a pulse's threshold": {
        *("comfort", "discomfort", "perception", "factor_at_high", "gain", "low_back_scaled_amplitude"),
    },
    "the intensity or share of each sided dermatome or region, 0 to 1": {
        *("intensity", "shown_from", "column", "root", "total", "dc", "dr", "cutaneous", "rami", "painful", "shares"),
        *("extent", "worst", "left", "right", "by_area", "by_score", "fibres_left", "felt"),
    },
    "fibres counted": {"fibres", "recruited", "one_fibre", "ten_fibres", "column_total", "fraction_of_level"},
    "percents of an area": {"unwanted_of_felt", "unwanted_of_painful"},
    "a percentage of what the name ends in": {"left_percent_of_felt", "right_percent_of_felt"},
    "areas that only weigh regions against each other": {"area"},
    "Shannon's k, a logarithm": {"shannon_k", "shannon_k_limit", "k_limit"},
    "a limit or default whose neighbour `unit` or whose table says what it is": {
        "value",
        "nearest",
        "high",
        "greatest",
        "low",
        "default",
    },
    "currents per contact as parts of the program's amplitude; kernels with their blending weight": {
        "weights",
        "kernels",
        "pictures",
    },
    "figures by name: the name carries the unit": {"figures", "numbers"},
    "from how much a difference is told, in the unit of its figure": {"told_from"},
    "how a patient answers, in times the usual patient; shares of the attention": {
        *("noise", "noise_of", "noise_when_spent", "habituation", "habituation_per_ramp", "habituation_greatest"),
        *("attention", "attention_cost", "spent", "tired_below", "per_ramp"),
    },
    "a draw between 0 and 1": {"pick"},
    "points of a drawing": {"line"},
    "figures over people: each has its unit in its own name": {"middle", "values"},
    "over another of its kind": {"greatest_over_perception", "least_over_perception", "share_of_people"},
}
ALLOWED = frozenset().union(*UNITLESS.values())
# Keys that are names of things, not of quantities: the tables that hold them map a name to a number.
NAME_KEYED = {"dermatomes"}
INNER = (
    *("scs_models.conductor", "scs_models.fibres.cable", "scs_models.fibres.stepper", "scs_models.fibres.fit"),
    *("scs_models.fibres.slab", "scs_models.fibres.validation", "scs_models.fibres.canal_fields", "scs_sim.picture"),
    *("scs_models.percept.flatten", "scs_models.percept.growth"),
    *("scs_models.coarse", "scs_models.peaks", "scs_sim.search.lattice", "scs_sim.search.screen_percept"),
)


def is_named_well(name: str) -> bool:
    ends = (*UNITS, *UNITLESS_ENDINGS)
    return name in ALLOWED or name in ends or name.endswith(tuple(f"_{end}" for end in ends))


def value_types() -> Iterator[type]:
    for package in (scs_models, scs_sim):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if module.name.startswith(INNER) or module.name.endswith("__main__"):
                continue
            for name, kind in vars(importlib.import_module(module.name)).items():
                own = inspect.isclass(kind) and kind.__module__ == module.name
                if own and dataclasses.is_dataclass(kind) and not name.startswith("_"):
                    yield kind


def test_every_float_of_a_value_type_has_its_unit_in_its_name():
    kinds = list(value_types())
    assert len(kinds) > 30
    bad = [
        f"{kind.__module__}.{kind.__qualname__}.{item.name}: {item.type}"
        for kind in kinds
        for item in dataclasses.fields(kind)
        if re.search(r"\bfloat\b|FloatArray|Float32Array", str(item.type))
        and not item.name.startswith("_")
        and not str(item.type).startswith("Callable")
        and not is_named_well(item.name)
    ]
    assert bad == []


def columns(value: object, name: str) -> Iterator[str]:
    """Return the names of all numbers with a decimal point below `value`."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from columns(item, str(key))
    elif isinstance(value, float):
        yield name
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from columns(item, name)


def test_every_number_of_a_table_has_its_unit_in_its_name():
    bad = [
        f"{package}/{table}: {name}"
        for package in ("scs_models", "scs_sim")
        for table in table_names(package)
        if table not in NAME_KEYED
        for name in sorted(set(columns(read_table(table, package), table)))
        if not is_named_well(name)
    ]
    assert bad == []


def test_a_name_without_a_unit_is_found():
    assert not is_named_well("pulse_length")
    assert not is_named_well("amplitude_milliamp")
    assert is_named_well("amplitude_ma")
