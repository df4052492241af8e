"""How a site's documents are written: language, country and size of the label, and who prepares; signed settings."""

from __future__ import annotations

from dataclasses import dataclass

from printcare.domain.checks import Finding, error
from printcare.formats.label_templates import COUNTRIES, SIZES_MM, LabelTemplate, label_template
from printcare.formats.wording import LANGUAGES, Tongue, tongue_of
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import object_of, state_of

KEY, MEANING = "documents", "sets how documents are written"
COMMAND = "site.configure"


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """Language of the documents, template of the label, and the pharmacy as it stands on the label."""

    language: str = "en"
    country: str = "INT"
    label_size: str = "105x74"
    pharmacy: str = ""
    address: str = ""
    phone: str = ""
    wants_quarantine_label: bool = False  # on the container before a release, its symbol scanned there

    @property
    def tongue(self) -> Tongue:
        """Return the documents' language."""
        return tongue_of(self.language)

    @property
    def template(self) -> LabelTemplate:
        """Return the label's template: the country's national words, everything else in the site's language."""
        return label_template(self.country, self.label_size, self.language)


def paper_settings(records: Store) -> PaperSettings:
    """Return the site's settings, or the shipped ones where it set none."""
    state = records.get("site_setting", KEY)
    return PaperSettings() if state is None else object_of(PaperSettings, state)


def set_paper_settings(records: Store, owner: Account, password: str, wanted: PaperSettings) -> None:
    """Sign how the site's documents are written; raises Refused, recorded, for what there is not."""
    actor = allowed(records, owner, COMMAND)
    objections = _objections(wanted)
    if objections:
        refuse(records, actor, COMMAND, "site_setting", KEY, objections)
        raise Refused(objections)
    state = state_of(wanted)
    becoming: tuple[tuple[str, dict[str, object]], ...] = (("site.documents", state),)
    if records.get("site_setting", KEY) is None:
        with records.transaction(actor) as tx:
            tx.record("site.documents", "site_setting", KEY, state)
        becoming = ()
    sign(records, owner.login, password, actor.role, MEANING, "site_setting", KEY, becoming=becoming)


def _objections(wanted: PaperSettings) -> tuple[Finding, ...]:
    known = (
        ("language", wanted.language, tuple(LANGUAGES)),
        ("country", wanted.country, COUNTRIES),
        ("label size", wanted.label_size, tuple(SIZES_MM)),
    )
    return tuple(
        error("E_PAPER_SETTING", f"There is no {what} {value}.", f"Use one of: {', '.join(values)}.", what)
        for what, value, values in known
        if value not in values
    )
