"""Result: everything one evaluation says. Percents are 0-100, amplitudes mA, None where not applicable."""

from __future__ import annotations

from dataclasses import dataclass

from scs_models.values import FloatArray
from scs_sim.battery import BatteryEstimate
from scs_sim.limit_profiles import Finding


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The amplitudes (mA) at which things begin; None: not within any amplitude the model can give.

    Where a program has several areas they are amplitudes of area A, all areas raised together. pt_origin is "DC" or
    "DR"; pt_where names the dermatome and side first felt; dt_rule says which bound set DT; dc_load_dt_ma is the other
    definition of DT (10 % of dorsal column fibres); mt_where names root and side.
    """

    pt_ma: float | None
    pt_origin: str
    pt_where: str
    pt_one_fibre_ma: float | None
    pt_ten_fibres_ma: float | None
    comfort_ma: float | None
    dt_ma: float | None
    dt_rule: str
    dt_where: str
    dc_load_dt_ma: float | None
    mt_ma: float | None
    mt_where: str
    trunk_twitch_ma: float | None
    usage_range_ma: float | None
    usage_ratio: float | None


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    """One body-map region: its pain, the share of it that is painful, and the share in which paresthesia is felt.

    dc_intensity and dr_intensity (0-1) are the mean intensity over the region, of dorsal column and dorsal root.
    """

    id: str
    title: str
    pain_score: float
    painful_percent: float
    felt_percent: float
    felt_dc_percent: float
    felt_dr_percent: float
    dc_intensity: float
    dr_intensity: float
    first_felt_ma: float | None


@dataclass(frozen=True, slots=True)
class DermatomeFelt:
    """One dermatome and side: recruited fibres >= 8.7 um (dorsal column, root) and the intensity 0-1 of each."""

    id: str
    dermatome: str
    side: str
    dc_fibres: float
    dr_fibres: float
    dc_intensity: float
    dr_intensity: float
    first_felt_ma: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage is never one number.

    applicable is False for paresthesia-free programs: then every figure is None. pain_covered_percent weighs by area,
    pain_covered_by_score_percent by area times pain score; worst_region is the painful region covered least;
    unwanted is felt area outside the pain, as a share of the felt area and of the painful area; dr_share is the
    part of the felt area that roots alone give; low_back_scaled_amplitude is (first felt - PT) / (DT - PT).
    """

    applicable: bool
    pain_covered_percent: float | None
    pain_covered_by_score_percent: float | None
    worst_region: str | None
    worst_region_title: str | None
    worst_region_percent: float | None
    unwanted_of_felt_percent: float | None
    unwanted_of_painful_percent: float | None
    left_percent_of_felt: float | None
    right_percent_of_felt: float | None
    dr_share_percent: float | None
    low_back_first_felt_ma: float | None
    low_back_scaled_amplitude: float | None
    pass_line_percent: float
    passes: bool | None


@dataclass(frozen=True, slots=True)
class Safety:
    """What the pulse asks of contacts and generator, at the evaluated amplitude; the worst contact is named.

    Charge is per pulse and never summed over areas, whose pulses take turns; the average current is. load_ohm lies
    between the ends of the circuit; compliance_v is the voltage that the amplitude asked for needs.
    """

    charge_per_phase_uc: float
    worst_contact: str
    contact_charge_per_phase_uc: float
    charge_density_uc_per_cm2: float
    charge_density_limit_uc_per_cm2: float
    shannon_k: float | None
    shannon_k_limit: float
    load_ohm: float
    compliance_v: float
    compliance_limit_v: float
    average_current_ua: float


@dataclass(frozen=True, slots=True)
class ContactState:
    """One contact: what each area gives it (negative: cathode), its impedance against the case, and what that suggests.

    share_percent and current_ma have one value per area: as programmed, and as delivered. flag: "", "short", "high" or
    "open"; impedance_ohm None: no current can pass. Charge is that of the area that gives it most.
    """

    name: str
    share_percent: tuple[float, ...]
    current_ma: tuple[float, ...]
    impedance_ohm: float | None
    flag: str
    charge_per_phase_uc: float
    charge_density_uc_per_cm2: float


@dataclass(frozen=True, slots=True)
class AreaState:
    """One area of the program by itself: its pulse, its own thresholds, what it covers alone, and its safety.

    delivered_ma is the cathodic current that reaches the tissue; deliverable_ma the amplitude at which the generator's
    voltage is used up, None where there is no load.
    """

    name: str
    title: str
    contacts: str
    pulse_width_us: float
    rate_hz: float
    waveform: str
    amplitude_ma: float
    amplitude_from: str
    delivered_ma: float
    deliverable_ma: float | None
    rate_factor: float
    pt_ma: float | None
    pt_origin: str
    pt_where: str
    comfort_ma: float | None
    dt_ma: float | None
    mt_ma: float | None
    pain_covered_percent: float | None
    safety: Safety


@dataclass(frozen=True, slots=True)
class SideEffect:
    """A root's band or a movement, in words, with the amplitude (mA) at which it begins."""

    what: str
    where: str
    from_ma: float
    at_evaluated_amplitude: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recruitment:
    """Curves over amplitude: amplitude_ma (A,), dc_fibres and dr_fibres (A, 56 sided dermatomes), motor_fibres (A,)."""

    amplitude_ma: FloatArray
    sided_dermatomes: tuple[str, ...]
    dc_fibres: FloatArray
    dr_fibres: FloatArray
    motor_fibres: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The answer to one Request; results compare by identity.

    The program's own pulse and amplitude are those of area A; coverage, regions and dermatomes are the union of all
    areas. amplitude_ma is what was asked for, reached_ma how far the generator's voltage lets it, which is where
    everything was read off, delivered_ma the cathodic current that reaches the tissue. forbidden: why stimulation is
    no question of programming here, or nothing. perception_layer: what the effect of the rate is. findings: where the
    program oversteps the limit profile, if one was named.
    """

    case_id: str
    case_title: str
    posture: str
    forbidden: str
    contacts: str
    pulse_width_us: float
    rate_hz: float
    waveform: str
    amplitude_ma: float
    amplitude_from: str
    reached_ma: float
    delivered_ma: float
    rate_factor: float
    perception_layer: str
    gain: float
    felt_fibres: float
    thresholds: Thresholds
    coverage: Coverage
    regions: tuple[RegionCoverage, ...]
    dermatomes: tuple[DermatomeFelt, ...]
    side_effects: tuple[SideEffect, ...]
    safety: Safety
    areas: tuple[AreaState, ...]
    contact_states: tuple[ContactState, ...]
    battery: tuple[BatteryEstimate, ...]
    profile: str
    findings: tuple[Finding, ...]
    recruitment: Recruitment
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
