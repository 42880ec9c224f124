"""Measures of the numerics: field solver, reference axon and fast predictor against closed forms and tables.

The only part of the simulator that runs the reference axon; nothing that answers a user imports it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.conductor import CrossSection, potential_mv_per_ma
from scs_models.fibres import mrg
from scs_models.fibres.canal_fields import canal_table
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE, compartment_positions_mm, fibre, odd_node_count
from scs_models.fibres.predictor import predictor_range
from scs_models.fibres.slab import random_slab, slab_table
from scs_models.fibres.trains import first_spike_ratio
from scs_models.fibres.validation import canal_batch, error_percent, judge_batch, slab_batch
from scs_models.fibres.waveforms import symmetric_with_gap
from scs_models.values import FloatArray
from scs_sim.validate.figures import Computed, Figures

CABLE_MM = 62.0


@dataclass(frozen=True, slots=True)
class PointSource(Computed):
    """A point source in one anisotropic medium against its closed form: worst second difference over its peak."""

    transverse_s_per_m: float
    longitudinal_s_per_m: float
    step_mm: float

    def __call__(self, conductivities: str) -> Figures:
        """Return the error on potentials (over the largest) and on second differences along z."""
        across, along = self.transverse_s_per_m, self.longitudinal_s_per_m
        angles = np.linspace(-3.1, 3.1, 60)
        section = CrossSection.from_curves([("white_matter", angles, np.full(60, 5.0), across, along)], 90.0)
        points = np.array([[0.0, 2.9], [1.2, 2.6], [0.4, 1.0]])
        z = np.arange(-30.0, 30.0 + self.step_mm / 2.0, self.step_mm)
        found = potential_mv_per_ma(section, (0.3, 5.4), 0.0, points, z, 0.0)
        rho2 = ((points - (0.3, 5.4)) ** 2).sum(axis=1)[:, None]
        exact = 1000.0 / (4.0 * np.pi * np.sqrt(across * along * rho2 + across**2 * z**2))
        second, true = np.diff(found, 2, axis=1), np.diff(exact, 2, axis=1)
        error = (np.abs(second - true).max(axis=1) / np.abs(true).max(axis=1)).max()
        # The circle round the section is grounded, the closed form is not: compare the potential's differences in z.
        level = found - found[:, :1] - (exact - exact[:, :1])
        return {
            "second_difference_error": float(error),
            "potential_error": float((np.abs(level).max(axis=1) / exact.max(axis=1)).max()),
        }


@dataclass(frozen=True, slots=True)
class FieldOfBipole(Computed):
    """The field of a bipole in white and grey matter of a section of given layers, over a piece of the cord.

    An insulator surrounds the canal; contacts carry an even current; the lead itself is not there.
    """

    contact_length_mm: float
    contact_radius_mm: float
    distance_mm: float
    length_mm: float
    cord_half_width_mm: float
    cord_half_depth_mm: float
    sac_half_width_mm: float
    dorsal_csf_mm: float
    ventral_csf_mm: float
    dura_mm: float
    fat_dorsal_mm: float
    fat_ventral_mm: float
    fat_lateral_mm: float
    grey_share: float
    lead_above_dura_mm: float
    white_s_per_m: float
    grey_s_per_m: float
    csf_s_per_m: float
    dura_s_per_m: float
    fat_s_per_m: float
    outside_s_per_m: float

    def __call__(self, conductivities: str) -> Figures:
        """Return the 99.9th percentile by volume of the field in white and grey matter, V/m per mA."""
        section, small, step = self._section(), 0.02, 0.2
        lattice = np.arange(-8.0, 8.0 + step / 2.0, step)
        x, y = (axis.ravel() for axis in np.meshgrid(lattice[lattice >= 0.0], lattice))  # the section is symmetric
        theta, radius = np.arctan2(y, x), np.hypot(x, y)
        cord, grey = (np.hypot(*section.curve_xy_mm(name, theta).T) for name in ("cord", "grey"))
        inside = radius < cord - 2.0 * small
        here = np.stack([x, y], axis=-1)[inside]
        points = np.concatenate([here, here + np.array([small, 0.0]), here + np.array([0.0, small])])
        half = round(self.distance_mm / step / 2.0)
        count = round(self.length_mm / step / 2.0) + half
        z = np.arange(-float(count), count + 1.0) * step
        source = section.epidural_xy_mm(0.0, self.lead_above_dura_mm, self.contact_radius_mm)
        one = potential_mv_per_ma(section, source, self.contact_length_mm, points, z, self.contact_radius_mm)
        both = one[:, 2 * half :] - one[:, : one.shape[1] - 2 * half]
        at, right, dorsal = both.reshape(3, len(here), -1)
        parts = ((right - at) / small, (dorsal - at) / small, np.gradient(at, step, axis=1))
        field = np.sqrt(sum(part**2 for part in parts))  # mV per mm is V per m
        in_grey = radius[inside] < grey[inside]
        return {
            f"{name}_v_per_m": float(np.percentile(field[chosen], 99.9))
            for name, chosen in (("white", ~in_grey), ("grey", in_grey))
        }

    def _section(self) -> CrossSection:
        outside = self.outside_s_per_m
        return CrossSection.from_dimensions(
            cord_half_width_mm=self.cord_half_width_mm,
            cord_half_depth_mm=self.cord_half_depth_mm,
            sac_half_width_mm=self.sac_half_width_mm,
            dorsal_csf_mm=self.dorsal_csf_mm,
            ventral_csf_mm=self.ventral_csf_mm,
            dura_mm=self.dura_mm,
            fat_dorsal_mm=self.fat_dorsal_mm,
            fat_ventral_mm=self.fat_ventral_mm,
            fat_lateral_mm=self.fat_lateral_mm,
            bone_lateral_mm=2.0,
            bone_dorsal_mm=2.0,
            bone_ventral_mm=2.0,
            outer_radius_mm=60.0,
            tissues={
                "white_matter": self.white_s_per_m,
                "grey_matter": self.grey_s_per_m,
                "csf": self.csf_s_per_m,
                "dura": self.dura_s_per_m,
                "fat": self.fat_s_per_m,
                "bone": outside,
                "bulk": outside,
            },
            grey_fraction=self.grey_share,
        )


@dataclass(frozen=True, slots=True)
class AxonLine:
    """One line of a threshold table: fibre, distance of the point source from its middle node, threshold per width."""

    diameter_um: float
    distance_mm: float
    threshold_ma: tuple[float, ...]
    shift_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class AxonTable(Computed):
    """The reference axon beside a point source against a table of thresholds.

    nodes 0: as many as a cable of 62 mm has. time_step_us None: the limit of small steps.
    """

    pulse_width_us: tuple[float, ...]
    lines: tuple[AxonLine, ...]
    waveform: str = "monophasic"
    geometry: str = "discrete"
    transverse_s_per_m: float = 0.3
    longitudinal_s_per_m: float = 0.3
    nodes: int = 0
    time_step_us: float | None = None

    def __call__(self, conductivities: str) -> Figures:
        """Return the worst relative error in percent, and how many thresholds were compared."""
        worst, count = 0.0, 0
        for diameter in dict.fromkeys(line.diameter_um for line in self.lines):
            lines = [line for line in self.lines if line.diameter_um == diameter]
            nodes = self.nodes or odd_node_count(diameter, CABLE_MM, self.geometry) + 2
            outside = np.array([self._potential(diameter, nodes, line) for line in lines])
            for column, width in enumerate(self.pulse_width_us):
                ours = mrg.threshold_ma(
                    outside[:, ::COMPARTMENTS_PER_INTERNODE],
                    diameter,
                    width,
                    self.waveform,
                    geometry=self.geometry,
                    compartment_potentials_mv_per_ma=outside,
                    time_step_us=self.time_step_us,
                )
                table = np.array([line.threshold_ma[column] for line in lines])
                worst, count = max(worst, float(np.abs(ours / table - 1.0).max())), count + len(lines)
        return {"worst_percent": 100.0 * worst, "count": float(count)}

    def _potential(self, diameter_um: float, nodes: int, line: AxonLine) -> FloatArray:
        z = compartment_positions_mm(fibre(diameter_um, self.geometry), nodes)
        z = z - z[(nodes // 2) * COMPARTMENTS_PER_INTERNODE] + line.shift_mm
        across, along = self.transverse_s_per_m, self.longitudinal_s_per_m
        squared = across * along * line.distance_mm**2 + across**2 * z**2
        return np.asarray(-1000.0 / (4.0 * np.pi * np.sqrt(squared)))


@dataclass(frozen=True, slots=True)
class ConductionVelocity(Computed):
    """The speed of a spike along the reference axon against a table, by diameter."""

    diameter_um: tuple[float, ...]
    speed_m_per_s: tuple[float, ...]

    def __call__(self, conductivities: str) -> Figures:
        """Return the worst relative error in percent."""
        errors = [
            abs(mrg.conduction_velocity_m_per_s(diameter, geometry="discrete") / speed - 1.0)
            for diameter, speed in zip(self.diameter_um, self.speed_m_per_s, strict=True)
        ]
        return {"worst_percent": 100.0 * max(errors)}


@dataclass(frozen=True, slots=True)
class TrainThreshold(Computed):
    """The amplitude of the reference axon's first spike in a train over its single-pulse threshold, by rate.

    Symmetric biphasic pulses, a fibre 4 mm from a point source.
    """

    diameter_um: tuple[float, ...]
    rate_hz: tuple[float, ...]
    pulse_width_us: float
    gap_us: float
    length_us: float

    def __call__(self, conductivities: str) -> Figures:
        """Return the least and the greatest ratio."""
        ratios = [
            first_spike_ratio(
                diameter,
                rate,
                pulse=symmetric_with_gap(self.gap_us),
                pulse_width_us=self.pulse_width_us,
                length_us=self.length_us,
                geometry="discrete",
            )
            for diameter in self.diameter_um
            for rate in self.rate_hz
        ]
        return {"least_ratio": min(ratios), "greatest_ratio": max(ratios)}


@dataclass(frozen=True, slots=True)
class PredictorErrors(Computed):
    """The fast predictor against the reference axon on random fields drawn with a seed of this report alone.

    Half the fields lie over random layers, half in sections of the canal; half are dorsal columns, half curved roots.
    """

    waveform: str
    seed: int
    diameters: int
    fields: int
    levels: tuple[str, ...]

    def __call__(self, conductivities: str) -> Figures:
        """Return median and 95th percentile of the error in percent, and how well the order of fields is kept."""
        rng = np.random.default_rng(self.seed)
        layers = tuple(slab_table(random_slab(rng)) for _ in range(3))
        canals = tuple(canal_table(level, None, 0.7, rng) for level in self.levels)
        limits = predictor_range()
        low, high = np.log(limits.diameter_low_um), np.log(limits.diameter_high_um)
        records = []
        for index in range(self.diameters):
            diameter = float(np.exp(low + (index + rng.random()) / self.diameters * (high - low)))
            width = float(np.exp(rng.uniform(np.log(50.0), np.log(1000.0))))
            for batch in (
                slab_batch(diameter, layers, self.fields, (self.seed, index, 0)),
                canal_batch(diameter, canals, self.fields, (self.seed, index, 1)),
            ):
                records += judge_batch(batch, width, (self.waveform,))
        error = error_percent(records)
        return {
            "median_percent": float(np.median(error)),
            "p95_percent": float(np.percentile(error, 95.0)),
            "order_kept_percent": order_kept_percent(records),
            "count": float(error.size),
        }


def order_kept_percent(records: list[dict[str, object]]) -> float:
    """Return the share of pairs of fields of one fibre and pulse, 5 % or more apart, that both put in one order."""
    kept = total = 0
    groups: dict[tuple[object, object], list[tuple[float, float]]] = {}
    for row in records:
        true, fast = float(str(row["true_ma"])), float(str(row["predicted_ma"]))
        if np.isfinite(true) and np.isfinite(fast):
            groups.setdefault((row["diameter_um"], row["pulse_width_us"]), []).append((true, fast))
    for pairs in groups.values():
        log = np.log(np.array(pairs))
        true, fast = (log[:, None, column] - log[None, :, column] for column in (0, 1))
        apart = true > np.log(1.05)
        kept, total = kept + int((apart & (fast > 0.0)).sum()), total + int(apart.sum())
    return 100.0 * kept / total
