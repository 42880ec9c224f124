"""Dials: what the user does with amplitude, pulse and rate, for panel and shortcuts alike: locks, limits, undo rows.

Needs the store and nothing of Qt. The pure actions are in `actions.stimulation`.
"""

from __future__ import annotations

from scs_sim.limits import program_ranges
from scs_ui.state.actions import stimulation
from scs_ui.state.actions.stimulation import THRESHOLD_TITLES, Threshold
from scs_ui.state.ceiling import Ceiling, ceiling
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session
from scs_ui.state.store import Action, Store

LOCKS = {"amplitude": "amplitude", "pulse_width": "pulse width", "rate": "rate"}
_NO_ANSWER = "The model has not answered yet; wait a moment."


def amplitude_now(moment: Moment) -> float | None:
    """Return the amplitude (mA) on the dial of the edited area; None while comfort is not known yet."""
    own = moment.session.draft.amplitude_ma
    if own is not None:
        return own
    frame = moment.frame
    if frame is None or frame.solo is None:
        return None
    comfort = stimulation.threshold_ma(frame.solo_answers, "comfort")
    top = program_ranges().amplitude_ma[1]
    return top if comfort is None else round(min(comfort, top), 2)


class Dials:
    """Changes what is dialled through the store; every method returns whether anything changed."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def stop(self) -> bool:
        """Take every area to 0 mA; no lock holds this up."""
        self.store.end_merge()
        done = self.store.act("Stop", stimulation.stop_all)
        self.store.say("Stopped: every area is at 0 mA. Undo brings the amplitudes back.", "info")
        return done

    def toggle(self) -> bool:
        """Switch stimulation on or off; amplitudes stay on the dial."""
        on = not self.store.session.on
        return self.store.act(f"Stimulation {'on' if on else 'off'}", lambda session: stimulation.set_on(session, on))

    def type_amplitude(self, amplitude_ma: float) -> bool:
        """Set the amplitude to a typed value, which may pass a safety limit."""
        return self._act(
            "amplitude",
            f"Amplitude {amplitude_ma:g} mA",
            lambda session: stimulation.set_amplitude(session, amplitude_ma),
        )

    def drag_amplitude(self, amplitude_ma: float) -> bool:
        """Follow a drag; it ends at the first safety limit, in words."""
        moment = self.store.moment()
        limit, now = self.limit(), amplitude_now(moment)
        at_ma = 0.0 if now is None else now
        done = self._act(
            "amplitude",
            "Amplitude",
            lambda session: stimulation.drag_amplitude(
                session, amplitude_ma, at_ma, coarse=self.store.view.coarse, limit=limit
            ),
        )
        if done and at_ma <= limit.amplitude_ma < amplitude_ma:
            self.store.say(_held(limit), "warn")
        return done

    def step_amplitude(self, steps: int, *, coarse: bool | None = None) -> bool:
        """Go fine or coarse steps (default: as the view says) up or down, as far as the first safety limit."""
        moment = self.store.moment()
        wide, now, limit = self._coarse(coarse), amplitude_now(moment), self.limit()
        if now is None:
            self.store.say(_NO_ANSWER, "info")
            return False
        return self._act(
            "amplitude",
            f"Amplitude {'up' if steps > 0 else 'down'}",
            lambda session: stimulation.step_amplitude(session, now, steps, coarse=wide, limit=limit),
        )

    def ramp(self, threshold: Threshold) -> bool:
        """Go to a threshold of the model."""
        frame = self.store.frame
        if frame is None or frame.stale:
            self.store.say(_NO_ANSWER, "info")
            return False
        at_ma = stimulation.threshold_ma(frame.solo_answers, threshold)
        self.store.end_merge()
        return self._act(
            "amplitude",
            f"Ramp to {THRESHOLD_TITLES[threshold]}",
            lambda session: stimulation.ramp_to(session, threshold, at_ma),
            merge="",
        )

    def mark(self, threshold: Threshold) -> bool:
        """Note the present amplitude as the patient's threshold."""
        now, title = amplitude_now(self.store.moment()), THRESHOLD_TITLES[threshold]
        if now is None:
            self.store.say(_NO_ANSWER, "info")
            return False
        done = self.store.act(f"Note {title} {now:g} mA", lambda session: stimulation.mark(session, threshold, now))
        self.store.say(f"Noted: {title} at {now:g} mA.", "good")
        return done

    def unmark(self, threshold: Threshold) -> bool:
        """Take a noted threshold away."""
        return self.store.act(
            f"Clear noted {THRESHOLD_TITLES[threshold]}",
            lambda session: stimulation.mark(session, threshold, None),
        )

    def set_pulse_width(self, pulse_width_us: float) -> bool:
        """Set the pulse width, us."""
        return self._act(
            "pulse_width",
            f"Pulse width {pulse_width_us:g} µs",
            lambda session: stimulation.set_pulse_width(session, pulse_width_us),
        )

    def drag_pulse_width(self, pulse_width_us: float) -> bool:
        """Follow a drag of the pulse width."""
        coarse = self.store.view.coarse
        return self._act(
            "pulse_width",
            "Pulse width",
            lambda session: stimulation.drag_pulse_width(session, pulse_width_us, coarse=coarse),
        )

    def step_pulse_width(self, steps: int, *, coarse: bool | None = None) -> bool:
        """Go fine or coarse steps of pulse width."""
        wide = self._coarse(coarse)
        return self._act(
            "pulse_width",
            f"Pulse width {'up' if steps > 0 else 'down'}",
            lambda session: stimulation.step_pulse_width(session, steps, coarse=wide),
        )

    def set_rate(self, rate_hz: float) -> bool:
        """Set the rate, Hz."""
        return self._act("rate", f"Rate {rate_hz:g} Hz", lambda session: stimulation.set_rate(session, rate_hz))

    def drag_rate(self, rate_hz: float) -> bool:
        """Follow a drag of the rate."""
        coarse = self.store.view.coarse
        return self._act("rate", "Rate", lambda session: stimulation.drag_rate(session, rate_hz, coarse=coarse))

    def step_rate(self, steps: int, *, coarse: bool | None = None) -> bool:
        """Go fine or coarse steps of rate."""
        wide = self._coarse(coarse)
        return self._act(
            "rate",
            f"Rate {'up' if steps > 0 else 'down'}",
            lambda session: stimulation.step_rate(session, steps, coarse=wide),
        )

    def set_waveform(self, waveform: str) -> bool:
        """Choose a waveform, and say what it brought along."""
        before = self.store.session.draft
        done = self.store.act(f"Waveform {waveform}", lambda session: stimulation.set_waveform(session, waveform))
        if done and (said := stimulation.moved_along(before, self.store.session.draft)):
            self.store.say(said, "info")
        return done

    def calibrate(self) -> bool:
        """Set the patient's gain so that the model's PT is the noted one."""
        frame = self.store.frame
        if frame is None or frame.stale:
            self.store.say(_NO_ANSWER, "info")
            return False
        setting = frame.setting

        def calibrated(session: Session) -> Session:
            return stimulation.calibrate(session, stimulation.gain_for_noted_pt(session, setting))

        return self.store.act("Calibrate to the noted PT", calibrated)

    def toggle_lock(self, dial: str) -> bool:
        """Lock or unlock a dial: one of LOCKS."""
        locks = self.store.view.locks
        self.store.look(locks=locks - {dial} if dial in locks else locks | {dial})
        return True

    def limit(self) -> Ceiling:
        """Return the first safety limit on the amplitude of the edited area."""
        return ceiling(self.store.frame, self.store.session.profile)

    def _act(self, dial: str, text: str, action: Action, merge: str | None = None) -> bool:
        if dial in self.store.view.locks:
            self.store.say(f"The {LOCKS[dial]} is locked; press L on its dial, or its lock, to change it.", "warn")
            return False
        return self.store.act(text, action, merge=dial if merge is None else merge)

    def _coarse(self, coarse: bool | None) -> bool:
        return self.store.view.coarse if coarse is None else coarse


def _held(limit: Ceiling) -> str:
    return (
        f"Held at {limit.held_ma:g} mA: {limit.why} allows {limit.amplitude_ma:.2f} mA. Type a value to go beyond it."
    )
