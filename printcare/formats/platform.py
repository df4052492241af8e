"""A platform's file, and a child's file completed by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any  # tomllib's own value type is Any

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding, error
from printcare.domain.platform import Opening, Platform, child_objections, completed
from printcare.errors import PrintcareError
from printcare.formats.recipe import SCHEMA, exact, read_values, shipped_platform
from printcare.formats.tables import Table, parse, refuse

OF_THE_PLATFORM = frozenset({"schema", "kind", "id", "version", "title", "author", "demonstration", "open"})
KEPT = 32  # platforms; a site has a few, and a thousand children read theirs once


@lru_cache(maxsize=KEPT)
def read_platform(data: bytes, name: str) -> Platform:
    """Return the platform a file holds; all problems are reported at once.

    It is read as a recipe is, and may lack only what it leaves open.
    """
    problems: list[Finding] = []
    values = parse(data, name)
    content = {key: value for key, value in values.items() if key not in OF_THE_PLATFORM}
    root = Table({key: value for key, value in values.items() if key in OF_THE_PLATFORM}, "", problems)
    if root.integer("schema", least=1) != SCHEMA:
        root.object("schema", "F_SCHEMA", f"is not {SCHEMA}", "Write the file in the present schema.")
    root.one_of("kind", ("platform",))
    platform = Platform(
        id=root.text("id"),
        version=root.integer("version", least=1),
        title=root.text("title"),
        author=root.text("author"),
        demonstration=root.boolean("demonstration"),
        openings=tuple(_opening(table) for table in root.tables("open")),
        content=content,
        digest=digest(exact(values)),
    )
    root.close()
    refuse(problems + _unready(platform, values), name)
    return platform


def _opening(table: Table) -> Opening:
    opening = Opening(
        key=table.text("key"),
        within=table.interval("within") if table.has("within") else None,
        one_of=table.texts("one_of") if table.has("one_of") else (),
    )
    table.close()
    return opening


def _unready(platform: Platform, values: Mapping[str, Any]) -> list[Finding]:
    """Return what is wrong with the content read as a recipe, but for what is missing because it is open."""
    problems: list[Finding] = []
    own = {key: values[key] for key in OF_THE_PLATFORM - {"open"} if key in values}
    read_values({**platform.content, **own, "kind": "recipe"}, problems)
    is_open = {
        finding.where for finding in problems for opening in platform.openings if _left_open(opening, finding.where)
    }
    return [finding for finding in problems if finding.where not in is_open]


def _left_open(opening: Opening, where: str) -> bool:
    return opening.covers(where) or opening.key.startswith(f"{where}.")


def parent_beside(folder: Path) -> Callable[[str], bytes]:
    """Return where children in a folder find their parents: in its `platforms`, else among the shipped ones."""

    def parent(platform_id: str) -> bytes:
        own = folder / "platforms" / f"{platform_id}.toml"
        return own.read_bytes() if own.is_file() else shipped_platform(platform_id)

    return parent


def complete(
    values: Mapping[str, Any], parent: Callable[[str], bytes], problems: list[Finding]
) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """Return a child's content completed by its platform, what the digest binds, and the platform's id/version.

    Raises PrintcareError or FileProblems when the platform itself is not there or is wrong.
    """
    named = Table(values, "", problems).text("platform")
    platform_id, _, version = named.partition("/")
    if "/" in version or "\\" in platform_id or platform_id in ("", ".", "..") or platform_id.endswith(".toml"):
        told = f"{named!r} does not name a platform."
        raise PrintcareError("PLATFORM_NAME", told, "Write its id and version, such as paste-fill/1.")
    platform = read_platform(parent(platform_id), platform_id)
    if version != str(platform.version):
        told = f"platform: is {named!r}, and there is {platform.reference}"
        remedy = "Name id/version of the platform there is; a new version needs its children approved again."
        problems.append(error("F_PLATFORM_VERSION", told, remedy, "platform"))
    problems.extend(child_objections(platform, values))
    child = {key: value for key, value in values.items() if key != "platform"}
    bound = {"recipe": values, "platform": platform.digest}
    return completed(platform, child), bound, platform.reference
