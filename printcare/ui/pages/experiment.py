"""The page Experiment: designs with their queue and fits, response surfaces, and traces over one another."""

from __future__ import annotations

from printcare.ui.experiment_surface import ENOUGH, ExperimentEntry
from printcare.ui.figures import local
from printcare.ui.forms import FormDeed
from printcare.ui.models import RegisterEntry
from printcare.ui.pages.register import RegisterPage
from printcare.ui.tokens import LIGHT, Theme
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.chart import Chart
from printcare.ui.widgets.surface import SurfacePlot
from printcare.ui.widgets.trace_plot import TracePlot
from printcare.ui.words import tr


class ExperimentPage(RegisterPage):
    """Every run stands there, also the one that came out badly."""

    def __init__(self) -> None:
        told = tr("Designs, their runs in drawn order, the fits, and where every limit is met.")
        super().__init__("experiment", tr("Experiment"), told)
        self.cancels.setText(tr("Stop the run"))
        self._theme: Theme = LIGHT

    def show_entry(self, entry: RegisterEntry) -> None:
        """Show one experiment, its surfaces first."""
        super().show_entry(entry)
        if not isinstance(entry, ExperimentEntry):
            return
        for place, surface in enumerate(entry.surfaces, start=1):
            words = surface.title
            if surface.enough is not None:
                words = tr("{}; dots: at least {}").format(words, local(f"{ENOUGH:g}"))
            self._draw(place, words, SurfacePlot(surface, f"surface-{place}"))
        if entry.traces is not None:
            words = tr("{} of {} units over one another").format(entry.traces.sensor, len(entry.traces.curves))
            self._draw(1 + len(entry.surfaces), words, TracePlot(entry.traces))

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, also for what is shown later."""
        self._theme = theme
        super().show_theme(theme)

    def _draw(self, place: int, words: str, plot: Chart) -> None:
        card = Card(words, f"card-{plot.objectName()}")
        plot.show_theme(self._theme)
        card.body.addWidget(plot)
        self._entry.insertWidget(place, card)

    def _enter(self, deed: FormDeed) -> None:
        """Look at other traces at once: a question is no deed, and nothing of it is recorded."""
        if deed.verb == "overlay":
            self.forget_notices()
            self.opened.emit(f"traces|{self.fields['units'].text}@{self.fields['sensor'].text}")
        else:
            super()._enter(deed)
