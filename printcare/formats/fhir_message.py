"""A FHIR message taken apart: its release, its resources, its references, and the one patient all of it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from printcare.formats.fhir_shape_check import Node
from printcare.formats.imported import Notes

# A profile that names its FHIR release; a US-realm mCODE profile is R4 in every published version.
_BASE_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_MCODE_PROFILE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
_RELEASE_OF_VERSION = {"4.0": "R4", "4.3": "R4B", "5.0": "R5"}
MANUAL = "Enter the order by hand as steps, with a second person's check."


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of the message and where it stands."""

    node: Node
    where: str

    @property
    def kind(self) -> str:
        """Return the resource type."""
        return text(self.node, "resourceType")


@dataclass(frozen=True, slots=True)
class Message:
    """The resources of one order; `index` leads from a reference to its resource."""

    parts: tuple[Part, ...]
    index: Mapping[str, Part]
    request: Part
    patient: Part

    def of_kind(self, kind: str) -> list[Part]:
        """Return the resources of a type, in the order of the message."""
        return [part for part in self.parts if part.kind == kind]

    def find(self, reference: Node, owner: str) -> Part | None:
        """Return the resource a reference leads to, None where it leads nowhere inside the message."""
        return _resolve(self.index, text(reference, "reference"), owner)


def text(node: Node, key: str) -> str:
    """Return a text element, empty where it is absent."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


def child(node: Node, key: str) -> Node:
    """Return an object element, empty where it is absent."""
    value = node.get(key)
    return cast(Node, value) if isinstance(value, dict) else {}


def children(node: Node, key: str) -> list[Node]:
    """Return the objects of a list element."""
    value = node.get(key)
    return [cast(Node, member) for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def codings(concept: Node) -> list[tuple[str, str]]:
    """Return system and code of every coding of a concept."""
    return [(text(coding, "system"), text(coding, "code")) for coding in children(concept, "coding")]


def words(concept: Node) -> str:
    """Return what a concept says to people: its text, else the first display."""
    displays = [text(coding, "display") for coding in children(concept, "coding")]
    return text(concept, "text") or next((display for display in displays if display), "")


def resources(root: Node) -> list[tuple[str, Node, str]]:
    """Return fullUrl, resource and path of everything in a bundle, or of a resource sent alone; contained ones too."""
    listed: list[tuple[str, Node, str]] = []
    if text(root, "resourceType") == "Bundle":
        for index, entry in enumerate(children(root, "entry")):
            listed.append((text(entry, "fullUrl"), child(entry, "resource"), f"Bundle.entry[{index}].resource"))
    else:
        listed.append(("", root, text(root, "resourceType")))
    for _, node, where in tuple(listed):
        for index, contained in enumerate(children(node, "contained")):
            listed.append((f"{where}#{text(contained, 'id')}", contained, f"{where}.contained[{index}]"))
    return listed


def stated_release(root: Node, notes: Notes) -> str | None:
    """Return the FHIR release the message itself states, None where it states none; two different ones stop."""
    found: dict[str, str] = {}
    for _, node, where in [("", root, text(root, "resourceType")), *resources(root)]:
        if text(node, "resourceType") == "CapabilityStatement":
            _note_release(found, text(node, "fhirVersion"), f"{where}.fhirVersion")
        profiles = child(node, "meta").get("profile")
        for profile in profiles if isinstance(profiles, list) else []:
            if isinstance(profile, str) and profile.startswith(_MCODE_PROFILE):
                found.setdefault("R4", f"{where}.meta.profile")
            elif isinstance(profile, str) and profile.startswith(_BASE_PROFILE) and "|" in profile:
                _note_release(found, profile.partition("|")[2], f"{where}.meta.profile")
    if len(found) > 1:
        notes.stop(
            "FHIR_RELEASE",
            f"The message states several FHIR releases: {', '.join(sorted(found))}.",
            "Have the sender state one.",
            next(iter(found.values())),
        )
    if len(found) != 1:
        return None
    release, where = next(iter(found.items()))
    notes.mean(where, f"FHIR {release}")
    return release


def _note_release(found: dict[str, str], version: str, where: str) -> None:
    release = _RELEASE_OF_VERSION.get(".".join(version.split(".")[:2]))
    found.setdefault(release or f"“{version[:20]}”", where)


def take_apart(root: Node, notes: Notes) -> Message | None:
    """Return the message, or None when it is not one order for one patient with every reference inside it (F5, F6)."""
    listed = resources(root)
    parts = tuple(Part(node, where) for _, node, where in listed if node)
    index = _index(listed, notes)
    request, patient = _only("MedicationRequest", parts, notes), _only("Patient", parts, notes)
    if request is None or patient is None:
        return None
    for part in parts:
        _check_summary(part, notes)
        _check_subject(part, patient, index, notes)
    return Message(parts, index, request, patient) if notes.may_go_on else None


def _index(listed: list[tuple[str, Node, str]], notes: Notes) -> dict[str, Part]:
    index: dict[str, Part] = {}
    for url, node, where in listed:
        local = f"{text(node, 'resourceType')}/{text(node, 'id')}" if text(node, "id") and "#" not in url else ""
        for name in {url, local} - {""}:
            if name in index:
                reason = f"Two resources answer to {name[:80]}."
                notes.stop("FHIR_REFERENCE", reason, "Have the sender give every resource its own id.", where)
            index[name] = Part(node, where)
    return index


def _resolve(index: Mapping[str, Part], reference: str, owner: str) -> Part | None:
    if reference.startswith("#"):
        return index.get(owner.partition(".contained")[0] + reference)
    return index.get(reference)


def _only(kind: str, parts: tuple[Part, ...], notes: Notes) -> Part | None:
    found = [part for part in parts if part.kind == kind]
    if len(found) == 1:
        return found[0]
    if not found:
        notes.stop("FHIR_MISSING", f"The message holds no {kind}.", f"Have the sender include the {kind}.", kind)
        return None
    code = "FHIR_PATIENT" if kind == "Patient" else "FHIR_SEVERAL"
    reason = f"The message holds {len(found)} resources of type {kind}; one is expected."
    notes.stop(code, reason, "Send one order of one patient per message.", found[1].where)
    return None


def _check_summary(part: Part, notes: Notes) -> None:
    tags = children(child(part.node, "meta"), "tag")
    if any(text(tag, "code") == "SUBSETTED" for tag in tags):
        where = f"{part.where}.meta.tag"
        notes.stop("FHIR_STATUS", "The resource is a summary, parts of it left out.", "Send the whole resource.", where)


def _check_subject(part: Part, patient: Part, index: Mapping[str, Part], notes: Notes) -> None:
    for key in ("subject", "patient"):
        if key not in part.node:
            continue
        where = f"{part.where}.{key}"
        target = _resolve(index, text(child(part.node, key), "reference"), part.where)
        if target is None:
            remedy = "Have the sender include the patient in the message and refer to it."
            notes.stop("FHIR_REFERENCE", f"{where} leads to nothing inside the message.", remedy, where)
        elif target.node is not patient.node:
            notes.stop("FHIR_PATIENT", f"{where} is not the patient of the order.", "Send one patient's data.", where)
