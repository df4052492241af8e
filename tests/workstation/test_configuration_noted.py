"""The digest of the site's configuration stands in every event that an opening of the record writes."""

from __future__ import annotations

from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED
from printcare.workflow.record.configuration import configuration_sha256
from printcare.workstation.opening import open_record


def set_language(url, language):
    records, _ = open_record(url, LOCKED)
    with records:
        before = configuration_sha256(records)
        with records.transaction(SYSTEM) as tx:
            tx.record("site.documents", "site_setting", "documents", {"language": language})
        return before, records.events(action="site.documents")[-1].content["config_hash"]


def test_an_event_bears_the_configuration_it_was_made_under_and_the_next_opening_the_changed_one(tmp_path):
    url = f"sqlite:///{tmp_path}/record.sqlite"
    first, noted = set_language(url, "fr")
    second, noted_next = set_language(url, "es")
    assert (noted, noted_next) == (first, second)
    assert first != second
