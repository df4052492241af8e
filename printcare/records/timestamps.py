"""RFC 3161 time-stamps over signed heads: the request, and what an authority answered, checked (records.md §8.6 d).

No network here: whoever has one carries the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from rfc3161_client import PKIStatus, TimestampRequestBuilder, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decoded

from printcare.errors import PrintcareError


@dataclass(frozen=True, slots=True)
class Request:
    """A question for a time-stamp authority, as DER, and the number its answer must repeat."""

    der: bytes
    nonce: int


def request(note: str) -> Request:
    """Return the question for a time-stamp over the whole text of a checkpoint."""
    made = TimestampRequestBuilder().data(note.encode()).nonce(nonce=True).cert_request(cert_request=True).build()
    return Request(made.as_bytes(), int(made.nonce or 0))


def roots(path: Path) -> list[x509.Certificate]:
    """Return the certificates a site trusts time-stamps by, from a PEM file. Raises PrintcareError TIMESTAMP_ROOTS."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        told = f"The certificates in {path} cannot be read: {error}."
        raise PrintcareError("TIMESTAMP_ROOTS", told, "Name a PEM file of the authority's root.") from error


def stamped_at(note: str, nonce: int, answer: bytes, trusted: Sequence[x509.Certificate]) -> str:
    """Return the time an authority's answer says, in ISO form, once it is shown to be of this note and of that root.

    Raises PrintcareError TIMESTAMP_REFUSED for any other answer.
    """
    try:
        response = decoded(in_der_order(answer))
        if PKIStatus(response.status) != PKIStatus.GRANTED:
            raise VerificationError("the authority did not grant it")
        verifier = VerifierBuilder().nonce(nonce)
        for root in trusted:
            verifier = verifier.add_root_certificate(root)
        verifier.build().verify_message(response, note.encode())
    except (VerificationError, ValueError) as error:
        told = f"The time-stamp is not taken: {error}."
        raise PrintcareError("TIMESTAMP_REFUSED", told, "Ask again, or see which authority answered.") from error
    return str(response.tst_info.gen_time.isoformat())


# Where the certificates stand: TimeStampResp / token / content [0] / SignedData / certificates [0]   RFC 3161, RFC 5652
_STATUS_SKIPPED, _TYPE_SKIPPED, _BEFORE_CERTIFICATES = 1, 1, 3
_SEQUENCE, _CONTEXT_0 = 0x30, 0xA0


def in_der_order(answer: bytes) -> bytes:
    """Return an authority's answer with its certificates in the order DER wants of a set; anything else as it is.

    Many authorities write them from leaf to root, which the parser refuses. Their order is under no signature.
    """
    start, end = 0, len(answer)
    try:
        for tag, skipped in (
            (_SEQUENCE, _STATUS_SKIPPED),
            (_SEQUENCE, _TYPE_SKIPPED),
            (_CONTEXT_0, 0),
            (_SEQUENCE, _BEFORE_CERTIFICATES),
            (_CONTEXT_0, 0),
        ):
            if answer[start] != tag:
                return answer
            start, end = _content(answer, start)
            for _ in range(skipped):
                start = _content(answer, start)[1]
        certificates = []
        place = start
        while place < end:
            after = _content(answer, place)[1]
            certificates.append(answer[place:after])
            place = after
    except IndexError:
        return answer
    if place != end:
        return answer
    return answer[:start] + b"".join(sorted(certificates)) + answer[end:]


def _content(der: bytes, start: int) -> tuple[int, int]:
    """Return where the content of the element at `start` begins and ends. Raises IndexError beyond the bytes."""
    length, place = der[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        length, place = int.from_bytes(der[place : place + size], "big"), place + size
    if not length or place + length > len(der):
        raise IndexError(start)
    return place, place + length
