"""The hash tree of RFC 6962 (the same in RFC 9162): frontier, root, proofs from stored nodes, and their verification.

Nodes are addressed as (level, index): level 0 holds the leaf hashes, node (l, i) covers leaves i·2^l … (i+1)·2^l − 1.
Only complete nodes are stored, so a proof reads about log₂ n rows and hashes the right edge alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

Fetch = Callable[[int, int], bytes]  # (level, index) -> the stored hash of that complete node
Node = tuple[int, int, bytes]  # (level, index, hash)

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(payload: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ payload), the hash of one leaf (RFC 6962 §2.1)."""
    return sha256(b"\x00" + payload).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), the hash of an inner node (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def append(size: int, frontier: Sequence[bytes], leaf: bytes) -> tuple[list[bytes], list[Node]]:
    """Add one leaf hash to a tree of `size` leaves; return the new frontier and the inner nodes it completed.

    The frontier holds the roots of the complete subtrees from left (largest) to right, one per 1-bit of `size`.
    """
    grown = list(frontier)
    completed: list[Node] = []
    carry, level = leaf, 0
    while size >> level & 1:
        carry = node_hash(grown.pop(), carry)
        level += 1
        completed.append((level, size >> level, carry))
    grown.append(carry)
    return grown, completed


def root(frontier: Sequence[bytes]) -> bytes:
    """Return the tree head from its frontier, that of the empty tree for none."""
    if not frontier:
        return EMPTY_ROOT
    head = frontier[-1]
    for left in reversed(frontier[:-1]):
        head = node_hash(left, head)
    return head


def frontier_at(size: int, fetch: Fetch) -> list[bytes]:
    """Return the frontier of the first `size` leaves from stored nodes."""
    frontier, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            frontier.append(fetch(level, start >> level))
            start += 1 << level
    return frontier


def subtree(start: int, count: int, fetch: Fetch) -> bytes:
    """Return the RFC 6962 hash of `count` ≥ 1 leaves from `start`, which must be a subtree the RFC's split makes."""
    level = (count - 1).bit_length()
    if count == 1 << level:
        return fetch(level, start >> level)
    left = 1 << (level - 1)
    return node_hash(fetch(level - 1, start >> (level - 1)), subtree(start + left, count - left, fetch))


def inclusion_proof(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 6962 §2.1.1, leaf to root. Raises ValueError when index is not below size."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves holds no leaf {index}")
    path: list[bytes] = []
    start, count = 0, size
    while count > 1:
        left = 1 << ((count - 1).bit_length() - 1)
        if index - start < left:
            path.append(subtree(start + left, count - left, fetch))
            count = left
        else:
            path.append(subtree(start, left, fetch))
            start, count = start + left, count - left
    return path[::-1]


def consistency_proof(old_size: int, size: int, fetch: Fetch) -> list[bytes]:
    """Return PROOF(old_size, D[size]) of RFC 6962 §2.1.2. Raises ValueError unless 0 < old_size ≤ size."""
    if not 0 < old_size <= size:
        raise ValueError(f"no proof leads from {old_size} to {size} leaves")
    path: list[bytes] = []
    start, count, wanted, is_old_root = 0, size, old_size, True
    while wanted < count:
        left = 1 << ((count - 1).bit_length() - 1)
        if wanted <= left:
            path.append(subtree(start + left, count - left, fetch))
            count = left
        else:
            path.append(subtree(start, left, fetch))
            start, count, wanted, is_old_root = start + left, count - left, wanted - left, False
    if not is_old_root:
        path.append(subtree(start, count, fetch))
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Verify an inclusion proof against a root by the steps of RFC 9162 §2.1.3.2."""
    if not 0 <= index < size or not _are_hashes(path):
        return False
    node, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == head


def extends(old_size: int, old_head: bytes, size: int, head: bytes, path: Sequence[bytes]) -> bool:
    """Verify a consistency proof between two roots by the steps of RFC 9162 §2.1.4.2."""
    if not 0 < old_size <= size or not _are_hashes(path):
        return False
    if old_size == size:
        return not path and old_head == head
    steps = [old_head, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old, new = steps[0], steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_head and new == head


def levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return every complete node of the tree over these leaf hashes, level by level from the leaves up."""
    tree = [leaves]
    while len(tree[-1]) > 1:
        pairs = zip(tree[-1][::2], tree[-1][1::2], strict=False)  # an odd last node waits for its sibling
        tree.append([node_hash(left, right) for left, right in pairs])
    return tree


def _are_hashes(path: Sequence[bytes]) -> bool:
    return all(len(step) == HASH_BYTES for step in path)
