"""The page Experiment: designs with their queue and fits, and the region in which every limit is met."""

from __future__ import annotations

from printcare.ui.experiment_surface import ENOUGH, ExperimentEntry
from printcare.ui.models import RegisterEntry
from printcare.ui.pages.care import CarePage
from printcare.ui.tokens import LIGHT, Theme
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.surface import SurfacePlot
from printcare.ui.words import tr


class ExperimentPage(CarePage):
    """Every run stands there, also the one that came out badly."""

    def __init__(self) -> None:
        told = tr("Designs, their runs in drawn order, the fits, and where every limit is met.")
        super().__init__("experiment", tr("Experiment"), told)
        self._theme: Theme = LIGHT

    def show_entry(self, entry: RegisterEntry) -> None:
        """Show one experiment, its surface first."""
        super().show_entry(entry)
        if isinstance(entry, ExperimentEntry) and entry.surface is not None:
            words = tr("Chance to meet every limit; dots: at least {}").format(ENOUGH)
            card, plot = Card(words, "card-surface"), SurfacePlot(entry.surface)
            plot.show_theme(self._theme)
            card.body.addWidget(plot)
            self._entry.insertWidget(1, card)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, also for what is shown later."""
        self._theme = theme
        super().show_theme(theme)
