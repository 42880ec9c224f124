"""Sweeps against `simulate` called one by one; tables and data sets against each other."""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from scs_models.errors import MissingPieceError, OutputError
from scs_models.percept.body_map import load_body_map
from scs_sim.case import builtin_case
from scs_sim.lead_state import ContactFault
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import Request, simulate
from scs_sim.sweep import design
from scs_sim.sweep.design import Sweep, sweep_of
from scs_sim.sweep.outputs import Output
from scs_sim.sweep.parts import Parts
from scs_sim.sweep.plan import SweepPlan
from scs_sim.sweep.run import Run

REQUIRED = os.environ.get("SCS_SIM_REQUIRE_SWEEP") == "1"
# The drawn patients share the kernels of the case's own: only what lies on top of the field is drawn.
KNOWN = ("dorsal_csf_factor", "cord_offset_mm", "conductivities", "segment_shift")
PLAN = SweepPlan(
    cases=("foot",),
    patients_count=3,
    known=KNOWN,
    seed=5,
    configurations=("own", "1.3- 1.4+", "1.2+ 1.3-60 1.4-40", "1.1- case+"),
    waveforms=("recharge", "biphasic"),
    pulse_widths_us=("100:450:175",),
    rates_hz=(20, 130, 300),
    amplitudes_ma=("comfort", "1:9:2", "0.9 DT", "PT", "3 DT"),
    regions=True,
)


@pytest.fixture
def xarray():
    if find_spec("xarray") is None or find_spec("zarr") is None:
        message = "labelled data sets left out: install them with: python -m pip install -e '.[sweep]'"
        (pytest.fail if REQUIRED else pytest.skip)(message)
    import xarray

    return xarray


def silent(_done: int, _total: int) -> None:
    pass


def at_once(outputs: dict[str, Path], **how: object) -> Callable[[Sweep], object]:
    return Run(tuple(Output(kind, path) for kind, path in outputs.items()), workers=1, **how)


def whole(value: float | None) -> float:
    return math.nan if value is None else value


def of_result(result) -> dict[str, float]:
    """Return what `simulate` says under the names that a sweep uses."""
    thresholds, covered, safety = result.thresholds, result.coverage, result.safety
    found = {
        "pt_ma": thresholds.pt_ma,
        "comfort_ma": thresholds.comfort_ma,
        "dt_ma": thresholds.dt_ma,
        "usage_ratio": thresholds.usage_ratio,
        "mt_ma": thresholds.mt_ma,
        "deliverable_ma": result.areas[0].deliverable_ma,
        "load_ohm": safety.load_ohm,
        "amplitude_ma": result.amplitude_ma,
        "reached_ma": result.reached_ma,
        "charge_per_phase_uc": safety.charge_per_phase_uc,
        "charge_density_uc_per_cm2": safety.charge_density_uc_per_cm2,
        "shannon_k": safety.shannon_k,
        "compliance_v": safety.compliance_v,
        "average_current_ua": safety.average_current_ua,
    }
    names = (
        *("pain_covered_percent", "pain_covered_by_score_percent", "worst_region_percent", "unwanted_of_felt_percent"),
        *("unwanted_of_painful_percent", "left_percent_of_felt", "right_percent_of_felt", "dr_share_percent"),
    )
    found |= {name: getattr(covered, name) for name in names}
    return {name: whole(value) for name, value in found.items()}


def judge_one_by_one(sweep: Sweep, count: int, seed: int) -> None:
    """Compare points of a sweep, chosen at random, with `simulate` on each."""
    rng = np.random.default_rng(seed)
    regions = load_body_map().region_ids
    for index in rng.choice(sweep.chunks_count, min(2, sweep.chunks_count), replace=False).tolist():
        chunk = sweep.chunks()[index]
        values, setting = chunk(silent), prepare(chunk.case)
        shape = values["amplitude_ma"].shape
        for place in {tuple(int(rng.integers(size)) for size in shape) for _ in range(count)}:
            row, form, width, rate, point = place
            program = Program(
                chunk.contacts[row], chunk.pulse_widths_us[width], chunk.rates_hz[rate], chunk.waveforms[form]
            )
            given_ma = float(values["amplitude_ma"][place])
            at = chunk.amplitudes[point]
            result = simulate(setting, Request(chunk.case, program, None if at.label == "comfort" else given_ma,
                                               profile=sweep.plan.profile))  # fmt: skip
            if at.of == "mA":
                assert given_ma == at.factor
            elif at.label != "comfort":
                threshold = {"PT": result.thresholds.pt_ma, "DT": result.thresholds.dt_ma}[at.of]
                assert given_ma == pytest.approx(
                    min(at.factor * whole(threshold), 25.5) if threshold else 25.5, rel=1e-12
                )
            for name, expected in of_result(result).items():
                found = values[name][place[: values[name].ndim]]
                assert found == pytest.approx(expected, rel=1e-12, abs=1e-9, nan_ok=True), (name, place)
            worst = values["worst_region"][place]
            assert (regions[worst] if worst >= 0 else None) == result.coverage.worst_region
            if "felt_percent" in values:
                felt = {region.id: region.felt_percent for region in result.regions}
                assert values["felt_percent"][place] == pytest.approx([felt[name] for name in regions], abs=1e-9)


def test_every_figure_is_what_simulate_says_point_by_point():
    judge_one_by_one(sweep_of(PLAN), count=15, seed=11)


def test_faults_gains_and_a_generator_of_another_kind_count_as_in_simulate():
    foot = builtin_case("foot")
    bent = replace(
        foot,
        contact_faults=(ContactFault("1.3", "open"), ContactFault("1.5", "short", partner="1.6")),
        patient=replace(foot.patient, gain=1.7, felt_fibres=5.0),
    )
    plan = SweepPlan(
        cases=("foot",), configurations=("1.3- 1.4+", "1.3-50 1.4-50 1.6+", "1.5- 1.7+"), pulse_widths_us=(60, 90),
        rates_hz=(50, 5000), amplitudes_ma=("comfort", "2:20:6"), waveforms=("monophasic",),
        profile="conventional-tonic",
    )  # fmt: skip
    sweep = Sweep(plan, [bent])
    (chunk,) = sweep.chunks()
    values = chunk(silent)
    assert np.isnan(values["pt_ma"][0]).all()  # its only cathode is open
    assert np.isnan(values["pain_covered_percent"][:, :, :, 1]).all()  # 5000 Hz is paresthesia-free
    assert (values["worst_region"][:, :, :, 1] == -1).all()
    assert np.isfinite(values["pain_covered_percent"][2, :, :, 0]).all()
    setting = prepare(bent)
    for row, width, rate, point in ((1, 0, 0, 0), (1, 1, 0, 3), (2, 0, 0, 4), (2, 1, 0, 1), (0, 0, 0, 2)):
        program = Program(chunk.contacts[row], (60.0, 90.0)[width], (50.0, 5000.0)[rate], "monophasic")
        amplitude_ma = float(values["amplitude_ma"][row, 0, width, rate, point])
        result = simulate(setting, Request(bent, program, amplitude_ma, profile="conventional-tonic"))
        for name, expected in of_result(result).items():
            found = values[name][(row, 0, width, rate, point)[: values[name].ndim]]
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-9, nan_ok=True), name


def test_many_configurations_go_the_way_of_batches_within_its_rounding():
    names = [f"1.{contact}" for contact in range(1, 9)]
    pairs = tuple(f"{one}- {other}+" for one in names for other in names if one != other)
    sweep = sweep_of(SweepPlan(cases=("foot",), configurations=pairs))
    (chunk,) = sweep.chunks()
    assert len(pairs) == 56  # more than FOLD_FROM_PROGRAMS
    values = chunk(silent)
    for row in (0, 17, 55):
        alone = replace(chunk, contacts=(pairs[row],))(silent)
        for name in ("pt_ma", "dt_ma", "comfort_ma", "mt_ma"):
            # tests/sim/test_few_and_batch.py: the two ways to the thresholds agree to 2e-4
            assert values[name][row] == pytest.approx(alone[name][0], rel=2e-4, nan_ok=True)


def test_chunks_however_cut_hold_the_same(monkeypatch):
    plan = replace(PLAN, patients_count=0, known=None, seed=0, waveforms=("recharge",), regions=False)
    (big,) = sweep_of(plan).chunks()
    monkeypatch.setattr(design, "_CHUNK_NUMBERS", 1)
    sweep = sweep_of(plan)
    small = [chunk(silent) for chunk in sweep.chunks()]
    assert len(small) == 4
    for name, array in big(silent).items():
        # products of other sizes may be rounded otherwise in the last digit
        joined = np.concatenate([values[name] for values in small])
        assert np.allclose(joined, array, rtol=1e-12, atol=1e-10, equal_nan=True), name


@pytest.fixture(scope="module")
def small() -> Sweep:
    plan = replace(
        PLAN, configurations=("own", "1.1- case+"), waveforms=("monophasic",), pulse_widths_us=(60,),
        rates_hz=(50, 5000), amplitudes_ma=("comfort", 2, "25.5"),
    )  # fmt: skip
    return sweep_of(plan)


def test_the_data_set_says_what_it_is_and_holds_what_the_chunks_found(xarray, small, tmp_path):
    path = tmp_path / "ein Ordner" / "größe.zarr"
    path.parent.mkdir()
    at_once({"zarr": path})(small)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]  # nothing else is left
    data = xarray.open_zarr(path)
    assert dict(data.sizes) == {
        "case": 1, "patient": 3, "posture": 1, "configuration": 2, "waveform": 1, "pulse_width_us": 1, "rate_hz": 2,
        "amplitude": 3, "region": 156,
    }  # fmt: skip
    assert json.loads(data.attrs["plan"])["seed"] == 5
    assert json.loads(data.attrs["cases"])[0]["id"] == "foot"
    assert data.attrs["seed"] == 5
    assert "HOLSHEIMER" in data.attrs["sources"].upper()
    for name, variable in data.variables.items():
        assert variable.attrs.get("long_name"), name
    for index, chunk in enumerate(small.chunks()):
        for name, array in chunk(silent).items():
            stored = data[name].values[0, index, 0]
            assert stored.dtype == array.dtype
            assert np.array_equal(stored, array, equal_nan=array.dtype.kind == "f"), name
    assert data.gain.values[0].tolist() == [patient.gain for patient in small.patients[0]]
    assert data.dialled_ma.sel(amplitude="2 mA") == 2.0


def test_the_long_table_holds_the_same_as_the_data_set(xarray, small, tmp_path):
    at_once({"zarr": tmp_path / "a.zarr", "csv": tmp_path / "a.csv"})(small)
    data = xarray.open_zarr(tmp_path / "a.zarr")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == small.axes.evaluations_count == 3 * 2 * 2 * 3
    for row in rows:
        here = data.sel(
            case=row["case"], patient=int(row["patient"]), posture=row["posture"], configuration=row["configuration"],
            waveform=row["waveform"], pulse_width_us=float(row["pulse_width_us"]), rate_hz=float(row["rate_hz"]),
            amplitude=row["amplitude"],
        )  # fmt: skip
        for name in ("pt_ma", "amplitude_ma", "pain_covered_percent", "unwanted_of_felt_percent", "load_ohm"):
            written = float(row[name]) if row[name] else math.nan
            assert written == pytest.approx(float(here[name]), rel=1e-8, nan_ok=True)
        felt = here.felt_percent.sel(region="left_sole_medial")
        written = float(row["felt_left_sole_medial_percent"] or "nan")
        assert written == pytest.approx(float(felt), rel=1e-8, nan_ok=True)
        place = int(here.worst_region)
        assert row["worst_region"] == (str(data.region.values[place]) if place >= 0 else "")
    said = json.loads((tmp_path / "a.csv.json").read_text(encoding="utf-8"))
    assert said["variables"]["dt_ma"]["unit"] == "mA"
    assert said["plan"]["seed"] == 5


def test_parquet_holds_the_same_as_csv(small, tmp_path):
    if find_spec("pyarrow") is None:
        (pytest.fail if REQUIRED else pytest.skip)("Parquet left out: pyarrow is missing")
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    at_once({"parquet": tmp_path / "a.parquet", "csv": tmp_path / "a.csv"})(small)
    table, text = parquet.read_table(tmp_path / "a.parquet"), arrow_csv.read_csv(tmp_path / "a.csv")
    assert table.column_names == text.column_names
    assert table.num_rows == text.num_rows
    for name in table.column_names:
        for left, right in zip(table[name].to_pylist(), text[name].to_pylist(), strict=True):
            if isinstance(left, float):
                assert left == pytest.approx(right, rel=1e-8), name
            else:
                assert left == (right or None if isinstance(right, str) else right), name


def test_without_the_extra_a_table_is_written_and_zarr_says_what_is_missing(small, tmp_path, monkeypatch):
    for name in ("xarray", "zarr", "dask", "dask.array", "distributed"):
        monkeypatch.setitem(sys.modules, name, None)
    at_once({"csv": tmp_path / "a.csv"})(small)
    assert (tmp_path / "a.csv").exists()
    with pytest.raises(MissingPieceError, match=r"scs-sim\[sweep\]"):
        at_once({"zarr": tmp_path / "a.zarr"})(small)
    with pytest.raises(MissingPieceError, match=r"scs-sim\[sweep\]"):
        at_once({"csv": tmp_path / "b.csv"}, scheduler="127.0.0.1:8786")(small)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.csv.json"]


def test_an_address_without_a_scheduler_is_an_error_and_leaves_nothing(xarray, small, tmp_path):
    with pytest.raises(MissingPieceError, match=r"no Dask scheduler answers at 127\.0\.0\.1:1;"):
        at_once({"csv": tmp_path / "a.csv"}, scheduler="127.0.0.1:1")(small)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_with_another_scs_sim_is_refused():
    from scs_sim.sweep.cluster import require_same_program, worker_facts

    version, tables = worker_facts()
    require_same_program({"tcp://a:1": (version, tables)})
    for facts, said in (
        (("0.0.1", tables), "worker tcp://b:2 has scs-sim 0.0.1"),
        ((version, "other"), "other tables of numbers"),
        (ModuleNotFoundError("No module named 'scs_sim'"), "no scs-sim that answers"),
    ):
        with pytest.raises(MissingPieceError, match=said):
            require_same_program({"tcp://a:1": (version, tables), "tcp://b:2": facts})


class Stop(KeyboardInterrupt):
    """Ctrl+C."""


def stopping_after(count: int) -> Callable[[float, str], None]:
    def progress(fraction: float, what: str) -> None:
        if what.startswith(f"{count} of"):
            raise Stop

    return progress


def test_an_interrupted_sweep_goes_on_and_ends_with_the_same_table(small, tmp_path):
    at_once({"csv": tmp_path / "whole.csv"})(small)
    target = {"csv": tmp_path / "cut.csv"}
    with pytest.raises(Stop):
        at_once(target)(small, stopping_after(2))
    parts = Parts(target["csv"])
    first, second = sorted(parts.folder.glob("chunk-*.npz"))
    kept = first.read_bytes()
    second.write_bytes(second.read_bytes()[:-40])  # torn, as by a power cut
    with pytest.raises(OutputError, match="--resume goes on"):
        at_once(target)(small)
    other = sweep_of(replace(small.plan, seed=6))
    with pytest.raises(OutputError, match="differs in: seed"):
        at_once(target, resume=True)(other)
    assert first.read_bytes() == kept
    outcome = at_once(target, resume=True)(small)
    assert (outcome.resumed_count, outcome.chunks_count) == (1, 3)
    assert target["csv"].read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not parts.exists


def test_finished_chunks_are_taken_and_not_computed_again(small, tmp_path):
    """What is in the chunk's file is what is written: nobody computed it a second time."""
    target = {"csv": tmp_path / "a.csv"}
    with pytest.raises(Stop):
        at_once(target)(small, stopping_after(1))
    parts = Parts(target["csv"])
    marked = parts.values(0)
    marked["load_ohm"] = np.full_like(marked["load_ohm"], 123456.0)
    parts.keep(0, marked)
    at_once(target, resume=True)(small)
    loads = [line.split(",")[15] for line in target["csv"].read_text(encoding="utf-8").splitlines()]
    assert loads[0] == "load_ohm"
    assert loads[1:].count("123456") == small.axes.evaluations_count // 3


def test_a_kill_between_the_outputs_loses_neither(small, tmp_path):
    """The description of a table is written before the table has its name, and one output after the other."""
    both = {"csv": tmp_path / "a.csv", "parquet": tmp_path / "a.parquet"}
    if find_spec("pyarrow") is None:
        (pytest.fail if REQUIRED else pytest.skip)("Parquet left out: pyarrow is missing")
    with pytest.raises(Stop):
        at_once(both)(small, stopping_after(2))
    parts = Parts(both["csv"])
    begun = {path.name: path.read_bytes() for path in parts.folder.iterdir()}
    at_once(both, resume=True)(small)
    expected = {path: path.read_bytes() for path in both.values()}
    for gone in both.values():
        gone.unlink()
        parts.folder.mkdir()
        for name, data in begun.items():
            (parts.folder / name).write_bytes(data)
        outcome = at_once(both, resume=True)(small)
        assert outcome.written == (str(gone),)
        assert {path: path.read_bytes() for path in both.values()} == expected
        assert not parts.exists


def test_nothing_that_is_there_is_lost(small, tmp_path):
    target = {"csv": tmp_path / "a.csv"}
    target["csv"].write_text("my own notes\n", encoding="utf-8")
    for how in ({}, {"fresh": True}, {"resume": True}):
        with pytest.raises(OutputError, match="is there already"):
            at_once(target, **how)(small)
        assert target["csv"].read_text(encoding="utf-8") == "my own notes\n"
    target["csv"].unlink()
    at_once(target)(small)
    written = target["csv"].read_bytes()
    with pytest.raises(OutputError, match="--fresh puts it aside"):
        at_once(target)(small)
    again = at_once(target, resume=True)(small)
    assert (again.written, again.resumed_count) == ((), 3)
    other = sweep_of(replace(small.plan, seed=6))
    with pytest.raises(OutputError, match="differs in: seed"):
        at_once(target, resume=True)(other)
    assert len(at_once(target, fresh=True)(other).put_aside) == 2
    assert (tmp_path / "a.csv.old").read_bytes() == written
    assert target["csv"].read_bytes() != written


def test_a_folder_that_no_sweep_made_is_left_alone(small, tmp_path):
    folder = tmp_path / "a.csv.unfinished"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine", encoding="utf-8")
    for how in ({}, {"fresh": True}, {"resume": True}):
        with pytest.raises((OutputError, Exception), match=r"a\.csv\.unfinished"):
            at_once({"csv": tmp_path / "a.csv"}, **how)(small)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]
