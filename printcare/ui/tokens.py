"""The look in one place: named colours of the light and the dark theme, and the one stylesheet made from them."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

CONTRAST_AA = 4.5  # WCAG 2.2, 1.4.3, text below 18 pt
CONTENT_PX, CONTEXT_PX, RAIL_PX, BAND_PX = 1280, 360, 212, 48
STEP_PX = 4  # every margin and gap is a multiple of it


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; a state colour never stands without its mark and its word."""

    name: str
    ground: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    on_accent: str
    accepted: str
    accepted_soft: str
    attention: str
    attention_soft: str
    rejected: str
    rejected_soft: str
    on_rejected: str
    running: str
    running_soft: str
    locked_band: str
    research_band: str
    on_band: str


@dataclass(frozen=True, slots=True)
class Density:
    """How large words and targets stand; what is signed, counted or drawn is the same in both."""

    name: str
    text_px: int
    small_px: int
    caption_px: int
    title_px: int
    entry_px: int
    reading_px: int
    target_px: int

    @property
    def within_px(self) -> int:
        """Return the height of what stands in a frame of 1 px, so that both together are a target."""
        return self.target_px - 2

    @property
    def within_focus_px(self) -> int:
        """Return the same for a frame that is as wide as the focus ring, 2 px."""
        return self.target_px - 4


LARGE = Density("large", 16, 14, 13, 22, 19, 29, 44)  # gloved fingers, read from a metre away
COMPACT = Density("compact", 14, 13, 12, 18, 15, 22, 32)  # many things at once, at a desk
DENSITY_OF_MODE = {"locked": LARGE, "research": COMPACT}
LIGHT = Theme(
    name="light",
    ground="#F6F7F9",
    surface="#FFFFFF",
    line="#D8DDE3",
    text="#1B2430",
    muted="#55606E",
    accent="#0B6E75",
    accent_soft="#DDF0F0",
    on_accent="#FFFFFF",
    accepted="#1E7B45",
    accepted_soft="#E6F2EA",
    attention="#8F5300",
    attention_soft="#FFF7E8",
    rejected="#B3261E",
    rejected_soft="#FBE9E7",
    on_rejected="#FFFFFF",
    running="#0B5CAD",
    running_soft="#E3EEF9",
    locked_band="#0B3B5A",
    research_band="#6A2C91",
    on_band="#FFFFFF",
)
DARK = Theme(
    name="dark",
    ground="#12161B",
    surface="#1A2027",
    line="#2E3742",
    text="#E8ECF1",
    muted="#A5B0BD",
    accent="#4FC3C7",
    accent_soft="#16363A",
    on_accent="#0B1F21",
    accepted="#5CC98A",
    accepted_soft="#16301F",
    attention="#F0B24A",
    attention_soft="#33260F",
    rejected="#FF7A70",
    rejected_soft="#3A1A18",
    on_rejected="#2A0B09",
    running="#6FB1FF",
    running_soft="#14263C",
    locked_band="#0B3B5A",
    research_band="#6A2C91",
    on_band="#FFFFFF",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
# Pairs that must be readable: ink token, paper token.
READ_TOGETHER = (
    *((ink, paper) for ink in ("text", "muted", "accent", "accepted", "attention", "rejected", "running")
      for paper in ("ground", "surface")),
    ("on_accent", "accent"), ("on_rejected", "rejected"), ("on_band", "locked_band"), ("on_band", "research_band"),
    ("text", "attention_soft"), ("attention", "attention_soft"), ("muted", "attention_soft"),
    ("text", "rejected_soft"), ("rejected", "rejected_soft"), ("muted", "rejected_soft"),
    ("text", "accent_soft"), ("accent", "accent_soft"), ("muted", "accent_soft"),
    ("accepted", "accepted_soft"), ("running", "running_soft"), ("text", "running_soft"),
    ("muted", "accepted_soft"), ("text", "accepted_soft"), ("muted", "running_soft"),
)  # fmt: skip

_STYLE = Template("""
* { font-size: ${text_px}px; color: $text; }
QMainWindow, QWidget[role="ground"], QScrollArea, QScrollArea > QWidget > QWidget {
    background: $ground; border: none;
}
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title_px}px; font-weight: 700; }
QLabel[role="subtitle"], QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: ${small_px}px; }
QLabel[role="caption"] { color: $muted; font-size: ${caption_px}px; font-weight: 700; letter-spacing: 1px; }
QLabel[role="hint"] { background: $accent_soft; border-radius: 5px; padding: 8px 12px; }
QLabel[role="strong"] { font-weight: 700; }
QLabel[role="reading"] { font-size: ${reading_px}px; font-weight: 700; }
QLabel[role="readingUnit"] { color: $muted; font-weight: 700; }
QLabel[state="accepted"] { color: $accepted; }
QLabel[state="attention"] { color: $attention; }
QLabel[state="rejected"] { color: $rejected; }
QLabel[state="running"] { color: $running; }
QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: 6px; }
QFrame[role="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="field"] { background: $surface; border: 1px solid $muted; border-radius: 5px; }
QFrame[role="given"] { min-height: ${within_px}px; background: $surface; border: 1px solid $line; border-radius: 5px; }
QFrame[role="field"][wrong="true"] { border: 2px solid $rejected; }
QFrame[role="soft"] { background: $accent_soft; border: none; border-radius: 6px; }
QFrame[role="notice"] { background: $accent_soft; border: none; border-left: 4px solid $accent; border-radius: 4px; }
QFrame[role="attention"] {
    background: $attention_soft; border: none; border-left: 4px solid $attention; border-radius: 4px;
}
QFrame[role="rejected"] {
    background: $rejected_soft; border: none; border-left: 4px solid $rejected; border-radius: 4px;
}
QFrame[role="accepted"] {
    background: $accepted_soft; border: none; border-left: 4px solid $accepted; border-radius: 4px;
}
QWidget#rail { background: $surface; border-right: 1px solid $line; }
QFrame#context { background: $surface; border: none; border-left: 1px solid $line; }
QScrollArea#contextScroll, QScrollArea#contextScroll > QWidget > QWidget,
QScrollArea#rail-scroll, QScrollArea#rail-scroll > QWidget > QWidget { background: $surface; }
QLineEdit {
    background: transparent; border: none; font-size: ${entry_px}px; min-height: ${within_px}px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit[role="cell"] { font-size: 16px; }
QLineEdit:disabled { color: $muted; }
QFrame[role="field"]:disabled { background: $ground; border: 1px dashed $muted; }
QComboBox {
    background: $surface; border: 1px solid $muted; border-radius: 5px; min-height: ${within_px}px; padding: 0 12px;
}
QComboBox:disabled { background: $ground; border: 1px dashed $muted; color: $muted; }
QComboBox::drop-down { border: none; width: 32px; }
QComboBox:focus { border: 2px solid $accent; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; selection-background-color: $accent_soft; }
QSlider::groove:horizontal, QSlider::groove:vertical { background: $line; border-radius: 2px; }
QSlider::groove:horizontal { height: 4px; }
QSlider::groove:vertical { width: 4px; }
QSlider::handle { background: $accent; border-radius: 10px; }
QSlider::handle:horizontal { width: 20px; margin: -8px 0; }
QSlider::handle:vertical { height: 20px; margin: 0 -8px; }
QSlider::handle:focus { background: $text; }
QPushButton {
    background: $surface; border: 1px solid $line; border-radius: 5px; font-weight: 700;
    min-height: ${target_px}px; padding: 0 24px;
}
QPushButton:hover { border-color: $muted; }
QPushButton:focus, QCheckBox:focus { border: 2px solid $accent; }
QPushButton:disabled { color: $muted; background: $ground; border-style: dashed; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $ground; color: $muted; border: 1px dashed $line; }
QPushButton[role="stop"] { background: $rejected; color: $on_rejected; border-color: $rejected; }
QPushButton[role="stop"]:focus { border: 2px solid $text; }
QPushButton[role="stop"]:disabled { background: $ground; color: $muted; border: 1px dashed $line; }
QPushButton[role="rail"] {
    background: transparent; border: 2px solid transparent; font-weight: 400; text-align: left;
    min-height: ${within_focus_px}px; padding: 0 8px;
}
QPushButton[role="rail"]:checked { background: $accent_soft; color: $accent; font-weight: 700; }
QPushButton[role="rail"]:focus { border: 2px solid $accent; }
QPushButton[role="rail"]:disabled { color: $muted; background: transparent; }
QPushButton[role="band"] {
    background: transparent; color: $on_band; border: 2px solid transparent; font-weight: 400;
    min-height: ${within_focus_px}px; padding: 0 12px;
}
QPushButton[role="band"]:hover, QPushButton[role="band"]:focus { border-color: $on_band; }
QCheckBox {
    spacing: 12px; min-height: ${target_px}px; border: 2px solid transparent; border-radius: 5px; padding: 0 8px;
}
QCheckBox::indicator {
    width: 26px; height: 26px; border: 2px solid $muted; border-radius: 5px; background: $surface;
}
QCheckBox::indicator:checked { background: $accent; border-color: $accent; }
QProgressBar { background: $line; border: none; border-radius: 4px; max-height: 8px; min-height: 8px; }
QProgressBar::chunk { background: $running; border-radius: 4px; }
QTableWidget { background: $surface; border: none; gridline-color: $line; alternate-background-color: $ground; }
QHeaderView::section {
    background: $surface; color: $muted; border: none; border-bottom: 1px solid $line;
    font-weight: 700; font-size: ${caption_px}px; padding: 6px 8px;
}
QTableWidget::item { padding: 4px 8px; }
QTableWidget::item:selected { background: $accent_soft; color: $text; }
QListWidget { background: $surface; border: 1px solid $line; border-radius: 5px; }
QListWidget::item { min-height: ${target_px}px; padding: 0 12px; }
QListWidget::item:selected { background: $accent_soft; color: $accent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 5px; min-height: 44px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 5px; min-width: 44px; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; }
""")


def stylesheet(theme: Theme, density: Density = LARGE) -> str:
    """Return the one stylesheet in a theme's colours and a density's sizes."""
    colours = {name: getattr(theme, name) for name in Theme.__slots__}
    within = {"within_px": density.within_px, "within_focus_px": density.within_focus_px}
    sizes = {name: getattr(density, name) for name in Density.__slots__}
    return _STYLE.substitute(colours | sizes | within)


def contrast(ink: str, paper: str) -> float:
    """Return the contrast ratio of two #RRGGBB colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
