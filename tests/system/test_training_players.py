"""The scripted players know nothing but the room, and rank as they should. All cases: benchmarks/training_players."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from scs_models import files
from scs_sim.patient import PainMap
from scs_sim.training.case import Debrief, Kit, TrainingCase, Treatment, Unsuitable, Visit, training_case_ids
from scs_sim.training.hiding import Hiding

ROOT = Path(__file__).parents[2]
PLAYERS = ROOT / "benchmarks" / "training_players"
ALONE = ("room", "novice", "expert", "random_clicker", "suitability")
MARGIN_POINTS = 10.0


@pytest.mark.parametrize("name", ALONE)
def test_a_player_imports_nothing_of_scs_sim_and_names_no_case(name: str) -> None:
    """What it knows it has read, seen or heard: no module, no file and no case of the package is named."""
    text = (PLAYERS / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in imported if module.split(".")[0] in ("scs_sim", "scs_models", "scs_ui")]
    assert "importlib" not in imported
    assert not [case for case in training_case_ids() if case in text]
    assert not [word for word in ("hiding", "cord_offset", "journal", "SCS_SIM_STATE_DIR", "toml") if word in text]


def leg_case(**changes: Any) -> TrainingCase:
    """Return a leg with a quad lead, a day's postures at the second visit."""
    usual: dict[str, Any] = {
        "id": "players-leg",
        "title": "A leg",
        "grade": 1,
        "goals": ("to be tested",),
        "referral": "Dear colleague, a leg.",
        "complaint": "My left leg hurts.",
        "imaging": "Nothing new.",
        "pain": PainMap({"left_calf_lateral": 6.0, "left_foot_dorsum": 4.0}),
        "debrief": Debrief("One lead is enough."),
        "hiding": Hiding(cord_offset_mm=0.7, gain=1.1),
        "kit": Kit(lead_types=("quad-7mm",), leads_count_high=1, tip_levels=("T9", "T10"), entry_levels=("L1", "T12")),
        "visits": (
            Visit("table", "table", 0.0, ("prone",)),
            Visit("clinic", "clinic", 1.0, ("sitting", "supine", "standing")),
        ),
    }
    return TrainingCase(**(usual | changes))


def infected_case() -> TrainingCase:
    """Return the same patient with an infection that history and imaging speak of."""
    history = (Treatment("surgery", "8 weeks ago", "wound slow to close; fever in the evenings, antibiotics twice"),)
    return leg_case(
        id="players-infected",
        history=history,
        imaging="Fluid in the disc space with an enhancing rim. C-reactive protein 96 mg/l.",
        unsuitable=Unsuitable("infection", ("history", "imaging"), "An infected disc space."),
    )


@pytest.mark.slow
@pytest.mark.parametrize("make", [leg_case, infected_case])
def test_expert_novice_and_clicker_rank_by_a_clear_margin(
    make: Callable[[], TrainingCase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a process of its own room, by the same code as on every other case."""
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.syspath_prepend(str(PLAYERS))
    play = import_module("play")
    path = tmp_path / "case.json"
    path.write_text(files.json_text(make()), encoding="utf-8")
    expert, novice, clicker = (
        play.played(str(path), player, player_seed)
        for player, player_seed in (("expert", 0), ("novice", 0), ("random", 1))
    )
    assert expert.score.points > novice.score.points + MARGIN_POINTS
    assert novice.score.points > clicker.score.points + MARGIN_POINTS
    assert expert.actions_count < 150
