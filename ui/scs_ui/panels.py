"""The panels of the window by name, and how each is made."""

from __future__ import annotations

from collections.abc import Mapping

from scs_ui.widgets.body import BodyPanel
from scs_ui.widgets.contact_table import ContactTablePanel
from scs_ui.widgets.coverage import CoveragePanel
from scs_ui.widgets.field import FieldPanel
from scs_ui.widgets.history import HistoryPanel
from scs_ui.widgets.impedance import ImpedancePanel
from scs_ui.widgets.patient import PatientPanel
from scs_ui.widgets.programs import ProgramsPanel
from scs_ui.widgets.pulse_train import PulseTrainPanel
from scs_ui.widgets.recruitment import RecruitmentPanel
from scs_ui.widgets.search import SearchPanel
from scs_ui.widgets.spine import SpinePanel
from scs_ui.widgets.stimulation import StimulationPanel
from scs_ui.widgets.strength_duration import StrengthDurationPanel
from scs_ui.widgets.tested import TestedPanel
from scs_ui.window import PanelMaker

MAKERS: Mapping[str, PanelMaker] = {
    "programs": lambda store, theme, history: ProgramsPanel(store, theme),
    "patient": lambda store, theme, history: PatientPanel(store, theme),
    "spine": lambda store, theme, history: SpinePanel(store, theme),
    "body": lambda store, theme, history: BodyPanel(store, theme),
    "contacts": lambda store, theme, history: ContactTablePanel(store, theme),
    "tested": lambda store, theme, history: TestedPanel(store, theme),
    "search": lambda store, theme, history: SearchPanel(store, theme),
    "field": lambda store, theme, history: FieldPanel(store, theme),
    "strength": lambda store, theme, history: StrengthDurationPanel(store, theme),
    "pulse": lambda store, theme, history: PulseTrainPanel(store, theme),
    "recruitment": lambda store, theme, history: RecruitmentPanel(store, theme),
    "impedance": lambda store, theme, history: ImpedancePanel(store, theme),
    "history": lambda store, theme, history: HistoryPanel(store, theme, history.stack),
    "stimulation": lambda store, theme, history: StimulationPanel(store, theme),
    "coverage": lambda store, theme, history: CoveragePanel(store, theme),
}
