"""FieldPictures: what the field panel paints from. Pictures that are loaded, the placement they were put together for.

A picture serves every height, lateral place and program in one section, so that a moved lead finds its pictures here;
other anatomy or another level asks for more, elsewhere and with progress.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass

from scs_models.values import Float32Array
from scs_sim import store
from scs_sim.case import Case
from scs_sim.field_setting import FieldSetting, assemble, jobs
from scs_sim.field_view import FieldPlane, Slice, cross_section, sagittal
from scs_sim.setting import Progress
from scs_ui.state.live import placement_key

KEPT_PICTURES = 16  # memory-mapped, some 27 MB each
KEPT_SLICES = 3


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """The question for the pictures that some contacts (sorted names; None: all) of a case need. A callable."""

    case: Case
    contacts: tuple[str, ...] | None

    def __call__(self, progress: Progress) -> Mapping[str, Float32Array]:
        """Return the pictures by key, building those that are missing; what first images need is made ready."""
        wanted = jobs(self.case, self.contacts)
        found = dict(zip(wanted, store.load(list(wanted.values()), progress=progress), strict=True))
        setting = assemble(self.case, found)
        ready = {setting.section(contact.z_mm): contact for contact in setting.contacts if contact.pictures}
        for contact in ready.values():
            plane = cross_section(setting, contact.z_mm)
            for kind in ("potential", "field"):
                plane.image({contact.name: 1.0}, kind, 1.0)
        return found


class FieldPictures:
    """Keeps pictures, the newest placement's FieldSetting and its last few slices."""

    def __init__(self) -> None:
        self._pictures: dict[str, Float32Array] = {}
        self._setting: tuple[Hashable, FieldSetting] | None = None
        self._slices: dict[tuple[FieldPlane, float], Slice] = {}

    def setting(self, case: Case) -> FieldSetting:
        """Return the placement of `case` with the pictures there are; raises as scs_sim.field_setting.assemble."""
        key = placement_key(case)
        if self._setting is None or self._setting[0] != key:
            self._setting = key, assemble(case, self._pictures)
            self._slices.clear()
        return self._setting[1]

    def request(self, case: Case, needed: Collection[str]) -> PictureRequest | None:
        """Return what must be loaded or built: the needed contacts first, then all; None where nothing is missing."""
        ready = self.setting(case).ready
        if not set(needed) <= ready:
            return PictureRequest(case, tuple(sorted(needed)))
        return PictureRequest(case, None) if len(ready) < len(case.contact_names()) else None

    def accept(self, pictures: Mapping[str, Float32Array]) -> None:
        """Take the answer to a request; those not asked for longest go."""
        for key, picture in pictures.items():
            self._pictures.pop(key, None)
            self._pictures[key] = picture
        while len(self._pictures) > max(KEPT_PICTURES, len(pictures)):
            self._pictures.pop(next(iter(self._pictures)))
        self._setting = None

    def slice(self, setting: FieldSetting, plane: FieldPlane, at_mm: float) -> Slice:
        """Return a plane of the newest placement; the last few are kept with what contacts do in them."""
        key = plane, at_mm
        found = self._slices.pop(key, None)
        if found is None or found.setting is not setting:
            found = cross_section(setting, at_mm) if plane == "cross" else sagittal(setting, at_mm)
        while len(self._slices) >= KEPT_SLICES:
            self._slices.pop(next(iter(self._slices)))
        self._slices[key] = found
        return found
