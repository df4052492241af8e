"""Supplier bundles: exported under a key, imported from trusted keys as a draft, all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from printcare.domain.canonical import canonical_bytes
from printcare.domain.checks import Finding, error
from printcare.domain.difference import bounds
from printcare.domain.recipe import MasterRecipe
from printcare.domain.recipe_life import LifeState
from printcare.errors import PrintcareError
from printcare.formats.bundle import (
    EVIDENCE,
    INK,
    PLATFORM,
    RANGES,
    RECIPE,
    Bundle,
    fingerprint,
    read_bundle,
    write_bundle,
)
from printcare.formats.kinds import READERS
from printcare.formats.recipe import exact, read_recipe
from printcare.formats.tables import FileProblems, parse
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse
from printcare.workflow.recipe.controlled import RECIPE as KIND
from printcare.workflow.recipe.controlled import key_of
from printcare.workflow.recipe.keys import trusted_keys
from printcare.workflow.recipe.versions import draft_of
from printcare.workflow.states import state_of

EXPORTED = (LifeState.APPROVED, LifeState.EFFECTIVE)
_INK_MEMBER = re.compile(r"ink(-\d+)?\.toml")
INK_KINDS = frozenset(kind for kind in READERS if kind.startswith("ink_"))


def ranges_of(content: Mapping[str, object]) -> dict[str, list[str]]:
    """Return every pair of limits a recipe states, by key path: what a site may narrow and never widen."""
    found: dict[str, list[str]] = {}
    _collect(content, "", found)
    return found


def _collect(value: object, path: str, found: dict[str, list[str]]) -> None:
    pair = bounds(value)
    if pair is not None and isinstance(value, list):
        found[path] = value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            _collect(member, f"{path}.{name}".lstrip("."), found)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            _collect(member, f"{path}.{place}", found)


def export_bundle(
    records: Store,
    account: Account,
    recipe: bytes,
    inks: Sequence[bytes],
    evidence: Mapping[str, bytes],
    supplier: str,
    public_key: str,
    sign: Callable[[bytes], bytes],
    platform: bytes | None = None,
) -> bytes:
    """Return a signed bundle of a recipe that is approved here; raises Refused, recorded, for any other file.

    `recipe` and `inks`, one for each part in the order of printing, are the files themselves; `evidence` are files by
    name, `sign` the Ed25519 signature of `public_key`.
    """
    actor = allowed(records, account, "bundle.export")
    read = _recipe(recipe, platform)
    key = key_of(read)
    state = records.get(KIND.table, key)
    if state is None or state["status"] not in EXPORTED or state["digest"] != read.digest:
        is_same = state is not None and state["digest"] == read.digest
        stands = f"{key} is {state['status']}" if state is not None and is_same else f"it is not {key} as approved here"
        told = f"This file cannot be exported: {stands}."
        unapproved = (error("E_NOT_APPROVED", told, "Export what people signed for.", "recipe"),)
        refuse(records, actor, "bundle.export", KIND.table, key, unapproved)
        raise Refused(unapproved)
    members = {
        RECIPE: recipe,
        **dict(zip(map(ink_member, range(1, 1 + len(inks))), inks, strict=True)),
        RANGES: canonical_bytes(ranges_of(state["content"])),
    }
    members |= {f"{EVIDENCE}{name}": data for name, data in evidence.items()}
    members |= {} if platform is None else {PLATFORM: platform}
    today = records.context.clock().date()
    try:
        made = write_bundle(members, supplier, today, key, read.digest, public_key, sign)
        bundle = read_bundle(made, {fingerprint(public_key)})
        stops = _objections(bundle, read)
    except PrintcareError as fault:
        stops = (error(fault.code, fault.message, fault.remedy, "bundle"),)
    if stops:
        refuse(records, actor, "bundle.export", KIND.table, key, stops)
        raise Refused(stops)
    told_of = {"sha256": bundle.sha256, "key": bundle.fingerprint, "members": sorted(members)}
    with records.transaction(actor) as tx:
        tx.record("bundle.exported", "bundle", key, told_of)
    return made


def import_bundle(records: Store, account: Account, data: bytes) -> str:
    """Keep a trusted supplier's recipe as a draft, with the archive as it came, and return its key.

    Everything is read and compared before anything is recorded, and recorded in one transaction. Raises Refused,
    recorded, with every objection.
    """
    actor = allowed(records, account, "bundle.import")
    stops: tuple[Finding, ...] = ()
    try:
        bundle = read_bundle(data, trusted_keys(records))
        recipe = _recipe(bundle.members[RECIPE], bundle.members.get(PLATFORM))
        stops = _objections(bundle, recipe)
    except FileProblems as fault:
        stops = fault.findings
    except PrintcareError as fault:
        stops = (error(fault.code, fault.message, fault.remedy, "bundle"),)
    if not stops:
        stops = _known(records, recipe)
    if stops:
        refuse(records, actor, "bundle.import", KIND.table, "bundle", stops)
        raise Refused(stops)
    members = {name: sha256(member).hexdigest() for name, member in bundle.members.items()}
    origin = {
        "bundle": bundle.sha256,
        "supplier": bundle.supplier,
        "made_on": bundle.made_on,
        "key": bundle.fingerprint,
        "members": members,
        "ink": exact(parse(bundle.members[INK], INK)),
        "further_inks": [
            exact(parse(bundle.members[name], name)) for name in map(ink_member, range(2, 1 + len(recipe.parts)))
        ],
    }
    key = key_of(recipe)
    recording = refusals_recorded(records, actor, "bundle.import", KIND.table, key)
    with recording, records.transaction(actor) as tx:
        if tx.get(KIND.table, key) is not None:
            raise Refused(_known(records, recipe))
        if tx.get("received_message", bundle.sha256) is None:
            kept = {"source": "bundle", "bytes": len(data)}
            tx.keep("received_message", bundle.sha256, data, kept, action="bundle.received")
        tx.record("recipe.written", KIND.table, key, draft_of(recipe, [account.id], origin))
    return key


def _recipe(data: bytes, platform: bytes | None) -> MasterRecipe:
    """Return the recipe of a bundle, completed by the platform that came with it and by no other."""

    def parent(platform_id: str) -> bytes:
        if platform is None:
            told = f"The recipe is a child of the platform {platform_id}, which is not in the bundle."
            raise PrintcareError("BUNDLE_MISSING", told, "Ask the supplier for a bundle that holds it.")
        return platform

    return read_recipe(data, RECIPE, parent)


def _objections(bundle: Bundle, recipe: MasterRecipe) -> tuple[Finding, ...]:
    """Return why the members of a bundle do not belong together."""
    findings = []
    if (bundle.recipe, bundle.recipe_digest) != (key_of(recipe), recipe.digest):
        told = f"The manifest speaks of {bundle.recipe}, the recipe is another."
        findings.append(error("E_BUNDLE_RECIPE", told, "Ask the supplier for the bundle again.", RECIPE))
    if bundle.members[RANGES] != canonical_bytes(ranges_of(state_of(recipe))):
        told = "The ranges the supplier states are not those of the recipe."
        findings.append(error("E_BUNDLE_RANGES", told, "Ask the supplier which of them hold.", RANGES))
    wanted = {ink_member(number): part.ink.ink_id for number, part in enumerate(recipe.parts, start=1)}
    for name, ink_id in wanted.items():
        if name not in bundle.members or _ink_id(bundle.members[name], name) != ink_id:
            told = f"{name} is no specification of the ink {ink_id}."
            findings.append(error("E_BUNDLE_INK", told, "Ask the supplier for one of every ink.", name))
    for name in bundle.members:
        if _INK_MEMBER.fullmatch(name) and name not in wanted:
            told = f"{name} is of an ink the recipe does not have."
            findings.append(error("E_BUNDLE_INK", told, "Ask the supplier which recipe it is for.", name))
    if not any(name.startswith(EVIDENCE) for name in bundle.members):
        findings.append(error("E_BUNDLE_EVIDENCE", "No evidence came with it.", "Ask the supplier for it.", EVIDENCE))
    return tuple(findings)


def ink_member(number: int) -> str:
    """Return the member that specifies the ink of a part, 1 the first."""
    return INK if number == 1 else f"ink-{number}.toml"


def _ink_id(data: bytes, name: str) -> str | None:
    """Return whose specification an ink file is; raises PrintcareError or FileProblems for what is none."""
    values = parse(data, name)
    kind = values.get("kind")
    if kind not in INK_KINDS:
        return None
    READERS[kind](data, name)
    named = values.get("ink_id", values.get("id"))
    return None if named is None else str(named)


def _known(records: Store, recipe: MasterRecipe) -> tuple[Finding, ...]:
    key = key_of(recipe)
    if records.get(KIND.table, key) is None:
        return ()
    told = f"A version {key} is on record already."
    return (error("E_VERSION_FIXED", told, "Ask the supplier for the next version number.", "version"),)
