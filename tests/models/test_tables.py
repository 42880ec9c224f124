"""The tables of numbers: every number has a source that exists, a status it deserves, and a unit in its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from scs_models import anatomy, leads
from scs_models.tables import all_records, read_table, table_names

OWN = ("anatomy", "leads", "populations", "tissues")
UNIT = re.compile(r"_(mm|um|ma|hz|deg|s_per_m)$")
# Numbers without a unit: counts, ratios, shares, indices.
PURE = {
    "first_vertebra_coordinate", "first_segment_index", "value", "share_of_people", "vertebra", "segment", "high",
    "least_share", "count", "factor", "counts", "contact_count_high", "column_count_high", "fibres",
    "per_division", "log_sd", "weight_factor", "relative", "least_per_band", "phases", "fibres_per_rootlet",
    "fibres_per_root", "also_shown", "offset", "half", "whole_fibres", "shown_from", "root_factor", "root_fibres",
    "greatest_over_perception", "least_over_perception", "share", "least_factor", "greatest_factor",
    "discomfort_factor", "dorsal_csf_factor", "threshold_log_sd", "default", "sd_factor", "low_factor",
    "high_factor", "median_fibres", "low_fibres", "high_fibres", "step", "shares",
}  # fmt: skip


def numbers(node: Mapping[str, Any], path: str, sourced: bool) -> Iterator[tuple[str, str, bool]]:
    """Yield (path, name, whether a record holds it) of every number below a table."""
    sourced = sourced or ("source" in node and "status" in node)
    for name, child in node.items():
        if isinstance(child, Mapping):
            yield from numbers(child, f"{path}.{name}", sourced)
        elif not isinstance(child, bool | str) and np.asarray(child).dtype.kind in "if":
            yield f"{path}.{name}", name, sourced


@pytest.mark.parametrize("table", OWN)
def test_every_number_stands_in_a_record_with_a_source(table: str) -> None:
    loose = [path for path, _, sourced in numbers(read_table(table), table, False) if not sourced]
    assert loose == []


@pytest.mark.parametrize("table", OWN)
def test_every_number_names_its_unit_or_is_known_to_have_none(table: str) -> None:
    odd = [path for path, name, _ in numbers(read_table(table), table, False) if not UNIT.search(name)]
    assert {path.rpartition(".")[2] for path in odd} <= PURE


def test_published_records_never_rest_on_unverified_knowledge() -> None:
    references = read_table("references")
    wrong = [r.path for r in all_records() if r.status == "published" and references[r.source]["read"] == "unverified"]
    assert wrong == []


def test_references_say_what_they_are_for_and_how_they_were_read() -> None:
    for key, row in read_table("references").items():
        assert set(row) == {"citation", "link", "used_for", "read"}, key
        assert row["read"] in ("source", "second-hand", "unverified"), key
        assert row["citation"], key
        assert row["used_for"], key


def test_the_project_s_own_choices_are_never_called_published() -> None:
    own = ("DESIGN", "PRACTICE", "VENDOR")
    assert [r.path for r in all_records() if r.source in own and r.status == "published"] == []


def test_tables_of_this_test_exist() -> None:
    assert set(OWN) <= set(table_names())


def test_conductivity_sets_span_the_published_corners_of_dura_and_fat() -> None:
    found = set()
    for name in anatomy.conductivity_sets():
        sigma = anatomy.conductivities(name)
        assert set(sigma) == {"white_matter", "grey_matter", "csf", "dura", "fat", "bone", "bulk"}
        found.add((sigma["dura"][0], sigma["fat"][0]))
    assert found == {(0.03, 0.04), (0.03, 0.25), (0.6, 0.04), (0.6, 0.25)}
    assert anatomy.conductivities()["white_matter"] == (0.083, 0.60)


def test_default_conductivities_lie_in_the_range_of_published_models() -> None:
    for tissue, row in read_table("tissues")["default"].items():
        low, high = row["transverse_sweep_s_per_m"]
        assert low <= row["transverse_s_per_m"] <= high, tissue


def test_lead_catalogue_has_the_families_asked_for_and_none_claims_to_be_verified() -> None:
    known = leads.catalogue()
    eights = {lead.pitch_mm for lead in known.values() if lead.contact_count == 8}
    assert {3.0, 4.0, 7.0, 9.0} <= eights
    assert {4, 16} <= {lead.contact_count for lead in known.values()}
    assert not any(lead.verified for lead in known.values())
