"""The labelled data set: arrays with named axes, coordinates, units and titles, as Zarr. Needs extra [sweep]."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scs_models.errors import MissingPieceError
from scs_models.percept.body_map import load_body_map
from scs_sim.describe import why_forbidden
from scs_sim.sweep.describe import PATIENT_COORDINATES, TITLES, description
from scs_sim.sweep.design import Sweep
from scs_sim.sweep.figures import AXES, WHOLE_NUMBERS, figures_of
from scs_sim.sweep.parts import Parts

if TYPE_CHECKING:
    from xarray import Dataset

EXTRA = 'pip install "scs-sim[sweep]"'
# Numbers in one stored piece of one variable: large enough for few files, small enough to be held.
_PIECE_NUMBERS = 250_000
_ZARR_FORMAT: Literal[2] = 2  # text coordinates have no settled form in version 3


def require_zarr() -> None:
    """Raise MissingPieceError where the libraries of extra [sweep] are missing."""
    try:
        import dask.array  # noqa: F401
        import xarray  # noqa: F401
        import zarr  # noqa: F401
    except ImportError as error:
        raise MissingPieceError(f"Zarr needs the extra [sweep]: {EXTRA}; --csv works without it") from error


def write_zarr(sweep: Sweep, parts: Parts, path: Path) -> None:
    """Write the data set to the folder `path`, a few chunks at a time."""
    import zarr

    pieces = _Pieces(sweep)
    empty = _template(sweep, pieces)
    encoding = {name: {"_FillValue": None} for name in (*empty.data_vars, *empty.coords)}
    empty.to_zarr(path, mode="w", compute=False, zarr_format=_ZARR_FORMAT, consolidated=True, encoding=encoding)
    group = zarr.open_group(path, mode="r+", zarr_format=_ZARR_FORMAT)
    stored: dict[str, Any] = {figure.name: group[figure.name] for figure in figures_of(sweep.plan.regions)}
    for place, indices in pieces:
        found = [parts.values(index) for index in indices]
        for name, array in stored.items():
            stacked = np.stack([values[name] for values in found])
            array[place] = stacked[None, :, None]
    zarr.consolidate_metadata(group.store)


class _Pieces:
    """How the chunks are stored together: some patients of one case in one posture, the configurations of a chunk."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        shape = sweep.axes.shape
        each = sweep.configurations_at_once * int(np.prod(shape[4:]))
        each *= len(load_body_map().regions) if sweep.plan.regions else 1
        self.patients_at_once = max(1, min(shape[1], _PIECE_NUMBERS // each))

    def sizes(self, axes: tuple[str, ...]) -> tuple[int, ...]:
        """Return the shape of a piece of a variable with `axes`."""
        sweep = self._sweep
        sizes = dict(zip(AXES, sweep.axes.shape, strict=True)) | {"region": len(load_body_map().regions)}
        sizes |= {"case": 1, "patient": self.patients_at_once, "posture": 1}
        sizes["configuration"] = sweep.configurations_at_once
        return tuple(sizes[axis] for axis in axes)

    def __iter__(self) -> Iterator[tuple[tuple[slice, ...], list[int]]]:
        """Yield where each piece lies on the first four axes, and the chunks in it, patient by patient."""
        sweep = self._sweep
        cases, patients, postures = sweep.axes.shape[:3]
        blocks = sweep.blocks_count
        for case in range(cases):
            for first in range(0, patients, self.patients_at_once):
                some = range(first, min(first + self.patients_at_once, patients))
                for posture in range(postures):
                    for block in range(blocks):
                        indices = [((case * patients + one) * postures + posture) * blocks + block for one in some]
                        *_, chosen = sweep.place_of(indices[0])
                        place = (
                            slice(case, case + 1),
                            slice(some.start, some.stop),
                            slice(posture, posture + 1),
                            chosen,
                        )
                        yield place, indices


def _template(sweep: Sweep, pieces: _Pieces) -> Dataset:
    """Return the data set with all coordinates and attributes, and variables that are still to be filled."""
    import dask.array
    from xarray import Dataset

    sizes = dict(zip(AXES, sweep.axes.shape, strict=True)) | {"region": len(load_body_map().regions)}
    variables = {}
    for figure in figures_of(sweep.plan.regions):
        kind = np.int16 if figure.name in WHOLE_NUMBERS else np.float64
        shape = tuple(sizes[axis] for axis in figure.axes)
        lazy = dask.array.zeros(shape, chunks=pieces.sizes(figure.axes), dtype=kind)
        variables[figure.name] = (figure.axes, lazy, {"units": figure.unit, "long_name": figure.title})
    told = {
        key: value if isinstance(value, (str, int)) else json.dumps(value, sort_keys=True)
        for key, value in description(sweep).items()
        if key != "variables"
    }
    return Dataset(variables, coords=_coordinates(sweep), attrs=told)


def _coordinates(sweep: Sweep) -> dict[str, Any]:
    axes, body = sweep.axes, load_body_map()
    given: dict[str, tuple[tuple[str, ...], Any]] = {
        "case": (("case",), list(axes.cases)),
        "patient": (("patient",), np.arange(axes.patients_count)),
        "forbidden": (("case",), [why_forbidden(case.patient) for case in sweep.cases]),
        "posture": (("posture",), list(axes.postures)),
        "configuration": (("configuration",), list(axes.configurations)),
        "contacts": (("case", "configuration"), [list(row) for row in axes.contacts]),
        "waveform": (("waveform",), list(axes.waveforms)),
        "pulse_width_us": (("pulse_width_us",), list(axes.pulse_widths_us)),
        "rate_hz": (("rate_hz",), list(axes.rates_hz)),
        "amplitude": (("amplitude",), [point.label for point in axes.amplitudes]),
        "dialled_ma": (
            ("amplitude",),
            [point.factor if point.of == "mA" else np.nan for point in axes.amplitudes],
        ),
        "region": (("region",), list(body.region_ids)),
        "region_title": (("region",), [region.title for region in body.regions]),
    }
    for name in PATIENT_COORDINATES:
        rows = [[getattr(patient, name) for patient in patients] for patients in sweep.patients]
        given[name] = (("case", "patient"), rows)
    return {
        name: (
            names,
            np.array(values),
            {"long_name": TITLES[name][1]} | ({"units": unit} if (unit := TITLES[name][0]) else {}),
        )
        for name, (names, values) in given.items()
    }
