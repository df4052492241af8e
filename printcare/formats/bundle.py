"""A supplier's bundle: a signed archive of recipe, ink specification, ranges and evidence, read as if it were hostile.

A zip file of stored members with fixed times, so that one content has one sequence of bytes. `manifest.json` is
canonical and names every member with its SHA-256; `signature` is Ed25519 over the manifest's bytes. Nothing is ever
unpacked to a disk, and whatever is not exactly what the writer would have written is refused.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from printcare.domain.canonical import canonical_bytes
from printcare.errors import PrintcareError

FORMAT = "printcare-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "signature"
RECIPE, INK, RANGES, PLATFORM, EVIDENCE = "recipe.toml", "ink.toml", "ranges.json", "platform.toml", "evidence/"
NEEDED = (RECIPE, INK, RANGES)
MOST_BYTES, MOST_MEMBERS = 8 * 2**20, 64
_NAME = re.compile(r"(evidence/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_AGAIN = "Do not use it; ask the supplier for the bundle again."
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of the format; a time would make two archives of one content


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a trusted supplier signed: the members by name, and who signed them when."""

    supplier: str
    made_on: str
    recipe: str  # id/version
    recipe_digest: str
    public_key: str  # hexadecimal
    members: Mapping[str, bytes]
    sha256: str  # of the archive

    @property
    def fingerprint(self) -> str:
        """The name its key is trusted by."""
        return fingerprint(self.public_key)


@dataclass(frozen=True, slots=True)
class _Manifest:
    supplier: str
    made_on: str
    recipe: str
    recipe_digest: str
    public_key: str
    members: dict[str, str]


_TEXTS = ("supplier", "made_on", "recipe", "recipe_digest", "public_key")


def fingerprint(public_key: str) -> str:
    """Return what people compare and type of a public key in hexadecimal: 128 bits of its SHA-256, in groups of four.

    Raises PrintcareError BUNDLE_KEY for what is no Ed25519 public key.
    """
    try:
        raw = bytes.fromhex(public_key)
        Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as fault:
        told = "This is no Ed25519 public key of 64 hexadecimal characters."
        raise PrintcareError("BUNDLE_KEY", told, "Ask the supplier for the key again.") from fault
    text = sha256(raw).hexdigest()[:32]
    return "-".join(text[place : place + 4] for place in range(0, 32, 4))


def write_bundle(
    members: Mapping[str, bytes],
    supplier: str,
    made_on: date,
    recipe: str,
    recipe_digest: str,
    public_key: str,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Return the archive; the same content signed by the same key is the same bytes.

    Raises PrintcareError as `read_bundle` does, for what could not be read again.
    """
    manifest = canonical_bytes(
        {
            "format": FORMAT,
            "supplier": supplier,
            "made_on": made_on.isoformat(),
            "recipe": recipe,
            "recipe_digest": recipe_digest,
            "public_key": public_key,
            "members": {name: sha256(data).hexdigest() for name, data in members.items()},
        }
    )
    archive = _archive({MANIFEST: manifest, SIGNATURE: sign(manifest).hex().encode(), **members})
    read_bundle(archive, {fingerprint(public_key)})
    return archive


def read_bundle(data: bytes, trusted: set[str]) -> Bundle:
    """Return what a trusted key signed. `trusted` are fingerprints.

    Raises PrintcareError BUNDLE_SIZE, BUNDLE_FORM, BUNDLE_NAME, BUNDLE_TWICE, BUNDLE_UNSIGNED, BUNDLE_MISSING,
    BUNDLE_CHANGED, BUNDLE_SIGNATURE, BUNDLE_KEY or BUNDLE_UNTRUSTED.
    """
    members = _members(data)
    manifest = _manifest(members)
    public_key = manifest.public_key
    if fingerprint(public_key) not in trusted:
        told = f"It is signed by the key {fingerprint(public_key)}, which is not trusted here."
        raise PrintcareError("BUNDLE_UNTRUSTED", told, "Have a process owner compare and trust the supplier's key.")
    try:
        signature = bytes.fromhex(members[SIGNATURE].decode("ascii"))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, members[MANIFEST])
    except (ValueError, InvalidSignature) as fault:
        raise PrintcareError("BUNDLE_SIGNATURE", "The signature is not one over this manifest.", _AGAIN) from fault
    content = {name: member for name, member in members.items() if name not in (MANIFEST, SIGNATURE)}
    _compare(content, manifest.members)
    if _archive(members) != data:
        raise PrintcareError("BUNDLE_FORM", "The archive holds more than its members, or says it otherwise.", _AGAIN)
    named = {name: getattr(manifest, name) for name in _TEXTS}
    return Bundle(members=content, sha256=sha256(data).hexdigest(), **named)


def _archive(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.create_system, member.external_attr = 3, 0o644 << 16  # the same on every system
            archive.writestr(member, members[name])
    return file.getvalue()


def _members(data: bytes) -> dict[str, bytes]:
    """Return the members of an archive, every bound looked at before anything of it is read."""
    if len(data) > MOST_BYTES:
        raise PrintcareError("BUNDLE_SIZE", f"It has {len(data)} bytes; at most {MOST_BYTES} are read.", _AGAIN)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
            _check_list(listed)
            return {member.filename: archive.read(member) for member in listed}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as fault:
        raise PrintcareError("BUNDLE_FORM", "It is no whole archive.", _AGAIN) from fault


def _check_list(listed: list[zipfile.ZipInfo]) -> None:
    sizes = sum(member.file_size for member in listed)
    is_stored = all(member.compress_type == zipfile.ZIP_STORED for member in listed)
    if len(listed) > MOST_MEMBERS or sizes > MOST_BYTES or not is_stored:
        told = f"It unpacks to {len(listed)} members of {sizes} bytes; at most {MOST_MEMBERS} and {MOST_BYTES}, stored."
        raise PrintcareError("BUNDLE_SIZE", told, _AGAIN)
    names = [member.filename for member in listed]
    for name in names:
        if not _NAME.fullmatch(name):
            raise PrintcareError("BUNDLE_NAME", f"A member is called {name[:60]!r}.", _AGAIN)
    if len({name.casefold() for name in names}) < len(names):
        raise PrintcareError("BUNDLE_TWICE", "Two members have one name.", _AGAIN)


def _manifest(members: Mapping[str, bytes]) -> _Manifest:
    """Return the manifest where it is one: canonical, of this format, every member a text."""
    for name in (MANIFEST, SIGNATURE):
        if name not in members:
            raise PrintcareError("BUNDLE_MISSING", f"It holds no {name}.", _AGAIN)
    data = members[MANIFEST]
    try:
        content = json.loads(data)
        stated = _Manifest(**{name: content[name] for name in _Manifest.__slots__})
        is_ours = content.pop("format") == FORMAT and canonical_bytes(json.loads(data)) == data
        texts = [*stated.members, *stated.members.values(), *(content[name] for name in _TEXTS)]
        is_ours = is_ours and len(content) == len(_Manifest.__slots__) and all(isinstance(text, str) for text in texts)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, PrintcareError) as fault:
        raise PrintcareError("BUNDLE_FORM", "Its manifest cannot be read.", _AGAIN) from fault
    if not is_ours:
        raise PrintcareError("BUNDLE_FORM", f"Its manifest is none of {FORMAT}.", _AGAIN)
    return stated


def _compare(content: Mapping[str, bytes], stated: Mapping[str, str]) -> None:
    """Compare members and manifest; raises where one is missing, unsigned or not what was signed."""
    for name in sorted(content.keys() - stated.keys()):
        raise PrintcareError("BUNDLE_UNSIGNED", f"{name} is in the archive, and nobody signed it.", _AGAIN)
    for name in sorted({*NEEDED, *stated} - content.keys()):
        raise PrintcareError("BUNDLE_MISSING", f"It holds no {name}.", _AGAIN)
    for name, data in sorted(content.items()):
        if sha256(data).hexdigest() != stated[name]:
            raise PrintcareError("BUNDLE_CHANGED", f"{name} is not what the supplier signed.", _AGAIN)
