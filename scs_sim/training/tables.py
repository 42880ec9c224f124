"""The numbers of training.toml as values: the room, what happens at home, how a usual patient answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from scs_models.tables import read_table


@dataclass(frozen=True, slots=True)
class RoomRules:
    """The room: what counts as a jump, how well one sees and measures, how leads wander."""

    jump_ma: float
    xray_sd_mm: float
    xray_step_mm: float
    impedance_sd_share: float
    impedance_step_ohm: float
    seconds_per_step_s: float
    placing_rostral_sd_mm: float
    placing_right_sd_mm: float
    placing_tilt_sd_mm: float
    wall_mm: float
    driving_share_sd: float
    driving_rostral_sd_mm: float
    driving_right_sd_mm: float
    drift_per_mm: float


@dataclass(frozen=True, slots=True)
class HomeRules:
    """What happens between visits: slipping of leads that were not anchored, broken wires, fever."""

    slip_rostral_mm: tuple[float, float]
    slip_right_sd_mm: float
    unanchored_factor: float
    broken_wire_share: float
    fever_c: tuple[float, float]
    usual_c: tuple[float, float]


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """How a usual patient answers; noise_of: the factor of each mood on every spread."""

    threshold_log_sd: float
    strength_sd_points: float
    at_pt_points: float
    at_dt_points: float
    felt_share: float
    region_log_sd: float
    named_count: int
    tired_named_count: int
    strong_points: float
    unpleasant_points: float
    habituation_per_ramp: float
    recovery_s: float
    habituation_greatest: float
    tired_below: float
    noise_when_spent: float
    startle_factor: float
    noise_of: Mapping[str, float]


@cache
def room_rules() -> RoomRules:
    """Return the rules of the room of training.toml."""
    room = read_table("training", "scs_sim")["room"]
    return RoomRules(
        jump_ma=room["jump"]["low_ma"],
        xray_sd_mm=room["xray"]["sd_mm"],
        xray_step_mm=room["xray"]["step_mm"],
        impedance_sd_share=room["impedance"]["sd_share"],
        impedance_step_ohm=room["impedance"]["step_ohm"],
        seconds_per_step_s=room["seconds_per_step"]["value_s"],
        placing_rostral_sd_mm=room["placing"]["rostral_sd_mm"],
        placing_right_sd_mm=room["placing"]["right_sd_mm"],
        placing_tilt_sd_mm=room["placing"]["tilt_sd_mm"],
        wall_mm=room["placing"]["wall_mm"],
        driving_share_sd=room["driving"]["share_sd"],
        driving_rostral_sd_mm=room["driving"]["rostral_sd_mm"],
        driving_right_sd_mm=room["driving"]["right_sd_mm"],
        drift_per_mm=room["driving"]["drift_per_mm"],
    )


@cache
def home_rules() -> HomeRules:
    """Return what training.toml says of the time between visits."""
    home = read_table("training", "scs_sim")["home"]
    slip, fever = home["unanchored"], home["fever"]
    return HomeRules(
        slip_rostral_mm=(slip["rostral_low_mm"], slip["rostral_high_mm"]),
        slip_right_sd_mm=slip["right_sd_mm"],
        unanchored_factor=home["migration"]["unanchored_factor"],
        broken_wire_share=home["broken_wire"]["share"],
        fever_c=(fever["low_c"], fever["high_c"]),
        usual_c=(fever["usual_low_c"], fever["usual_high_c"]),
    )


@cache
def answer_rules() -> AnswerRules:
    """Return how a usual patient answers, from training.toml."""
    patient = read_table("training", "scs_sim")["patient"]
    strength, region, comfort = patient["strength"], patient["region"], patient["comfort"]
    habituation, attention = patient["habituation"], patient["attention"]
    return AnswerRules(
        threshold_log_sd=patient["threshold"]["log_sd"],
        strength_sd_points=strength["sd_points"],
        at_pt_points=strength["at_pt_points"],
        at_dt_points=strength["at_dt_points"],
        felt_share=region["felt_share"],
        region_log_sd=region["log_sd"],
        named_count=region["named_count"],
        tired_named_count=region["tired_named_count"],
        strong_points=comfort["strong_points"],
        unpleasant_points=comfort["unpleasant_points"],
        habituation_per_ramp=habituation["per_ramp"],
        recovery_s=habituation["recovery_s"],
        habituation_greatest=habituation["greatest"],
        tired_below=attention["tired_below"],
        noise_when_spent=attention["noise_when_spent"],
        startle_factor=patient["startle"]["factor"],
        noise_of=MappingProxyType({mood: row["noise_factor"] for mood, row in patient["mood"].items()}),
    )


@cache
def answer_unit_s() -> float:
    """Return the real time (s) whose whole multiples answers take."""
    return float(read_table("training", "scs_sim")["session"]["answer"]["unit_s"])
