"""Encryption of personal data at rest: AES-256-GCM with a data key per practice, wrapped by a master key.

A sealed value is ``key number (2 bytes) | nonce (12) | ciphertext and tag``. The associated data names practice, table,
column and row, so that a value moved elsewhere does not open (reliability: swapped ciphertexts are refused). Equality
search uses keyed hashes (HMAC-SHA256, cut to 128 bits and stored as uuid): only for values of high entropy, or together
with the practice's own key so that a stolen table alone tells nothing.
"""

import contextlib
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
INDEX_KEY_NUMBER = 0
_NONCE_BYTES = 12
_NUMBER_BYTES = 2


class UnreadableValue(RuntimeError):
    """A sealed value does not open: another key, another row, or damaged bytes. Says where, never what."""


class MasterKeys:
    """The keys from settings: `active` wraps new data keys, the others still open old ones."""

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        if active not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError("master keys are 32 bytes each, and the active one is among them")
        self._ciphers = {key_id.encode(): AESGCM(key) for key_id, key in keys.items()}
        self._active = active.encode()
        self._service_keys = [keys[active], *(key for key_id, key in keys.items() if key_id != active)]

    def wrap(self, data_key: bytes, practice_id: UUID, number: int) -> bytes:
        """``length of key id | key id | nonce | ciphertext``, bound to practice and number."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._active].encrypt(nonce, data_key, _wrap_place(practice_id, number))
        return bytes([len(self._active)]) + self._active + nonce + sealed

    def unwrap(self, wrapped: bytes, practice_id: UUID, number: int) -> bytes:
        end = 1 + int.from_bytes(wrapped[:1], "big")
        cipher = self._ciphers.get(wrapped[1:end])
        if cipher is None:
            raise UnreadableValue("a data key is wrapped by a master key that is not loaded")
        nonce, sealed = wrapped[end : end + _NONCE_BYTES], wrapped[end + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, sealed, _wrap_place(practice_id, number))
        except (InvalidTag, ValueError):  # ValueError: cut short within the nonce
            raise UnreadableValue("a data key does not open") from None

    def service_cipher(self, purpose: str) -> "ServiceCipher":
        """A cipher for values that belong to no practice, such as list cursors and inbound documents."""
        ciphers = tuple(AESGCM(_derived(key, purpose)) for key in self._service_keys)
        return ServiceCipher(ciphers, _derived(self._service_keys[0], f"{purpose} fingerprint"))


class ServiceCipher:
    """Seals with the active master key's cipher, the first; what was sealed under the others still opens."""

    def __init__(self, ciphers: tuple[AESGCM, ...], fingerprint_key: bytes) -> None:
        self._ciphers = ciphers
        self._fingerprint_key = fingerprint_key

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes | None:
        """None when it was altered or bound to something else."""
        if len(sealed) < _NONCE_BYTES:
            return None
        for cipher in self._ciphers:
            with contextlib.suppress(InvalidTag):
                return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
        return None

    def fingerprint(self, content: bytes) -> bytes:
        """The same for the same content, until the active master key changes."""
        return hmac.new(self._fingerprint_key, content, hashlib.sha256).digest()


@dataclass(frozen=True, kw_only=True)
class PracticeVault:
    """Seals and opens one practice's values. Values are JSON documents."""

    practice_id: UUID
    active_number: int
    ciphers: Mapping[int, AESGCM] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def of(cls, practice_id: UUID, keys: Mapping[int, bytes]) -> "PracticeVault":
        """`keys` by number; number 0 is the index key."""
        return cls(
            practice_id=practice_id,
            active_number=max(keys),
            ciphers={number: AESGCM(key) for number, key in keys.items() if number != INDEX_KEY_NUMBER},
            index_key=keys[INDEX_KEY_NUMBER],
        )

    def seal(self, table: str, column: str, row: UUID, value: Any) -> bytes:
        return self.seal_bytes(table, column, row, orjson.dumps(value))

    def open(self, table: str, column: str, row: UUID, sealed: bytes) -> Any:
        return orjson.loads(self.open_bytes(table, column, row, sealed))

    def seal_bytes(self, table: str, column: str, row: UUID, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        number = self.active_number
        sealed = self.ciphers[number].encrypt(nonce, plain, self._place(table, column, row))
        return number.to_bytes(_NUMBER_BYTES, "big") + nonce + sealed

    def open_bytes(self, table: str, column: str, row: UUID, sealed: bytes) -> bytes:
        cipher = self.ciphers.get(int.from_bytes(sealed[:_NUMBER_BYTES], "big"))
        if cipher is None:
            raise UnreadableValue(f"{table}.{column}: sealed with a key that is not loaded")
        end = _NUMBER_BYTES + _NONCE_BYTES
        try:
            return cipher.decrypt(sealed[_NUMBER_BYTES:end], sealed[end:], self._place(table, column, row))
        except (InvalidTag, ValueError):  # ValueError: cut short within the nonce
            raise UnreadableValue(f"{table}.{column}: the value does not open in this place") from None

    def hash(self, purpose: str, text: str) -> UUID:
        """The keyed hash of a normalised value, for equality search within this practice."""
        digest = hmac.new(self.index_key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()
        return UUID(bytes=digest[:16])

    def fingerprint(self, content: bytes) -> bytes:
        """A keyed fingerprint: a plain hash of a small body could be guessed."""
        return hmac.new(self.index_key, b"fingerprint\0" + content, hashlib.sha256).digest()

    def _place(self, table: str, column: str, row: UUID) -> bytes:
        return b"\0".join((self.practice_id.bytes, table.encode(), column.encode(), row.bytes))


def new_practice_keys(master: MasterKeys, practice_id: UUID) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """Fresh index and data keys: (plain by number, wrapped by number)."""
    plain = {INDEX_KEY_NUMBER: os.urandom(KEY_BYTES), 1: os.urandom(KEY_BYTES)}
    wrapped = {number: master.wrap(key, practice_id, number) for number, key in plain.items()}
    return plain, wrapped


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def _wrap_place(practice_id: UUID, number: int) -> bytes:
    return b"crossover data key\0" + practice_id.bytes + number.to_bytes(_NUMBER_BYTES, "big")
