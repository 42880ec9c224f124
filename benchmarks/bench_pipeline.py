"""Each stage of the pipeline on a real case, and the whole: seconds, and peak memory where arrays are large."""

from __future__ import annotations

import numpy as np

from scs_models import anatomy, recruitment
from scs_models.canal_grid import GridSection
from scs_models.leads import contact_places
from scs_models.percept.perception import count_fibres, percept_rules, person_thresholds
from scs_sim import coverage
from scs_sim.answers import felt_at, pain_field
from scs_sim.contact_plan import kernel_spec
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import evaluate

PULSE = (300.0, "recharge")
PROGRAMS_AT_ONCE = 250  # a program's tallies take some 130 kB: ten thousand at once would fill the memory


def programs(count):
    """Return `count` programs of three contacts, all with the same pulse."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(count):
        lead, start = rng.integers(1, 3), rng.integers(1, 7)
        share = int(rng.integers(10, 90))
        text = f"{lead}.{start}-{share} {lead}.{start + 1}+100 {lead}.{start + 2}-{100 - share}"
        found.append(Program(text, pulse_width_us=PULSE[0], waveform=PULSE[1]))
    return found


def in_parts(setting, case, many):
    """Evaluate `many` programs some at a time; the figures stay, the tallies go."""
    return [
        evaluate(setting, case, many[start : start + PROGRAMS_AT_ONCE]).figures
        for start in range(0, len(many), PROGRAMS_AT_ONCE)
    ]


def drive_flops(field, programs_count):
    """Return the operations of `programs_count` programs on a folded field: what a batch cannot do without."""
    blocks = [block for phases in field.columns for block in phases] + list(field.roots)
    floats = sum(
        array.size for block in blocks for array in (block.drive_per_ma, block.branch_per_ma) if array is not None
    )
    return 2.0 * floats * programs_count


def test_kernel_of_a_new_section(benchmark, case):
    """Budget: 10 s of one core."""
    spec = kernel_spec(GridSection("T5", anatomy.dorsal_csf_mm("T5")), contact_places(case.leads[0])[0])
    benchmark.group = "1 new section"
    benchmark.pedantic(spec, rounds=1)
    benchmark.extra_info |= {"seconds_per_section": benchmark.stats.stats.min, "points": len(spec.site_points_xy_mm())}


def test_lead_field_of_a_case_with_kernels_on_disk(benchmark, case, setting, peak_mb):
    """Budget: 100 ms for moving a lead."""
    benchmark.group = "2 lead field"
    benchmark.pedantic(prepare, args=(case,), rounds=3)
    benchmark.extra_info["peak_mb"] = peak_mb(lambda: prepare(case))
    benchmark.extra_info["contacts"] = len(setting.contact_names)


def test_fold_the_predictor_in(benchmark, setting, peak_mb):
    benchmark.group = "3 thresholds"
    benchmark(recruitment.fold, setting.field, *PULSE)
    benchmark.extra_info["peak_mb"] = peak_mb(lambda: recruitment.fold(setting.field, *PULSE))


def test_thresholds_of_one_program(benchmark, case, setting):
    weights = setting.weights(case.program)[None]
    benchmark.group = "3 thresholds"
    benchmark(recruitment.thresholds, setting.field, weights, *PULSE)
    benchmark.extra_info |= {
        "n_fibres": sum(blocks[0].potential_mv_per_ma.shape[2] for blocks in setting.field.column_blocks),
        "n_nodes": max(blocks[0].potential_mv_per_ma.shape[1] for blocks in setting.field.column_blocks),
    }


def test_thresholds_of_a_batch_of_250(benchmark, setting, against_sgemm):
    folded = recruitment.fold(setting.field, *PULSE)
    weights = np.stack([setting.weights(program) for program in programs(250)])
    benchmark.group = "3 thresholds"
    benchmark.pedantic(recruitment.thresholds_of_batch, args=(folded, weights), rounds=3)
    against_sgemm(flops=drive_flops(folded, len(weights)), programs=len(weights))


def test_tallies_and_thresholds_of_a_person(benchmark, case, setting):
    weights = setting.weights(case.program)[None]
    found = recruitment.thresholds(setting.field, weights, *PULSE)
    counts = setting.column_count(setting.cathode_height_mm(weights))
    benchmark.group = "4 percept"
    benchmark(
        lambda: person_thresholds(count_fibres(found, counts, setting.channels), setting.channels, percept_rules())
    )


def test_felt_regions_and_coverage(benchmark, case, setting):
    answers = evaluate(setting, case, [case.program])
    pain, amplitude = pain_field(case.pain), answers.amplitude_ma / answers.factor

    def read_off():
        felt = felt_at(answers.recruited, amplitude, answers.rules)
        return coverage.figures(pain, felt.total, felt.column)

    benchmark.group = "4 percept"
    benchmark(read_off)


def test_whole_program(benchmark, case, setting, against_sgemm):
    """Thresholds to coverage, lead field in memory; budget 1 ms at the nominal size; this case is larger."""
    benchmark.group = "5 whole"
    benchmark(evaluate, setting, case, [case.program])
    against_sgemm(flops=drive_flops(setting.folded(*PULSE), 1), programs=1)


def test_whole_batch_of_100(benchmark, case, setting, against_sgemm):
    many = programs(100)
    benchmark.group = "5 whole"
    benchmark.pedantic(evaluate, args=(setting, case, many), rounds=3, warmup_rounds=1)
    against_sgemm(flops=drive_flops(setting.folded(*PULSE), len(many)), programs=len(many))


def test_whole_batch_large(benchmark, case, setting, against_sgemm, large_batch, peak_mb):
    many = programs(large_batch)
    benchmark.group = "5 whole"
    benchmark.pedantic(in_parts, args=(setting, case, many), rounds=1)
    against_sgemm(flops=drive_flops(setting.folded(*PULSE), len(many)), programs=len(many))
    benchmark.extra_info["peak_mb"] = peak_mb(lambda: in_parts(setting, case, many[:PROGRAMS_AT_ONCE]))
