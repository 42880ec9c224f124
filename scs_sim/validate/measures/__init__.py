"""The measures that protocols may name: each a frozen value whose fields are its parameters."""

from __future__ import annotations

from collections.abc import Mapping

from scs_sim.validate.figures import Measure
from scs_sim.validate.measures.areas import (
    AmplitudeSweep,
    Arrangements,
    FirstFelt,
    RegionsFelt,
    SingleAgainstDual,
    WidthArea,
    WidthAreaOfPatients,
)
from scs_sim.validate.measures.numerics import (
    AxonTable,
    ConductionVelocity,
    FieldOfBipole,
    PointSource,
    PredictorErrors,
    TrainThreshold,
)
from scs_sim.validate.measures.thresholds import (
    BuiltinCases,
    Configurations,
    LateralSweep,
    Levels,
    MedialLateral,
    Postures,
    Rates,
    RatioOfPatients,
    StrengthDuration,
    Thresholds,
)

MEASURES: Mapping[str, type[Measure]] = {
    "amplitude_sweep": AmplitudeSweep,
    "arrangements": Arrangements,
    "axon_table": AxonTable,
    "builtin_cases": BuiltinCases,
    "conduction_velocity": ConductionVelocity,
    "configurations": Configurations,
    "field_of_bipole": FieldOfBipole,
    "first_felt": FirstFelt,
    "lateral_sweep": LateralSweep,
    "levels": Levels,
    "medial_lateral": MedialLateral,
    "point_source": PointSource,
    "postures": Postures,
    "predictor_errors": PredictorErrors,
    "rates": Rates,
    "ratio_of_patients": RatioOfPatients,
    "regions_felt": RegionsFelt,
    "single_against_dual": SingleAgainstDual,
    "strength_duration": StrengthDuration,
    "thresholds": Thresholds,
    "train_threshold": TrainThreshold,
    "width_area": WidthArea,
    "width_area_of_patients": WidthAreaOfPatients,
}
