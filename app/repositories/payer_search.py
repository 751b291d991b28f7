"""Finding a payer from what a person types: exact id, exact alias, prefix, then one typo.

An index in memory over the whole directory; it reads no database. A typo is one inserted, missing or wrong character
or two neighbours swapped (optimal string alignment distance 1), in a full name, an alias, or what has been typed of it
so far. Two typos, sound-alikes and translations are not searched for.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from rapidfuzz.distance import OSA

from app.domain.identifiers import compact

LONGEST_QUERY = 100

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`]")
_SEPARATORS = re.compile(r"(?:[^\w&]|_)")
_FEWEST_FOR_TYPO = 2
_HEAD = 4
"""A beginning or a word with a typo has at least this many characters; fewer would match half the directory. So many
leading characters also lead to the candidates, which is why the two numbers are one."""
_MOST_WORDS = 10


class MatchedOn(StrEnum):
    ID = "id"
    ALIAS = "alias"
    PREFIX = "prefix"
    TYPO = "typo"


@dataclass(frozen=True, kw_only=True)
class SearchablePayer:
    id: UUID
    electronic_id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PayerMatch:
    """`score` runs from 0 to 100 and orders matches; it means nothing between two different directories."""

    payer_id: UUID
    score: float
    matched_on: MatchedOn


class _Band(NamedTuple):
    """A kind of match: every match of a better kind comes before any of a worse one."""

    floor: float
    matched_on: MatchedOn


_EXACT_ID = _Band(100, MatchedOn.ID)
_EXACT_NAME = _Band(97, MatchedOn.PREFIX)
_EXACT_ALIAS = _Band(95, MatchedOn.ALIAS)
_BEGINS = _Band(80, MatchedOn.PREFIX)
_PHRASE_BEGINS = _Band(70, MatchedOn.PREFIX)
_TYPO_IN_WHOLE = _Band(60, MatchedOn.TYPO)
_WORDS_BEGIN = _Band(50, MatchedOn.PREFIX)
_TYPO_IN_BEGINNING = _Band(40, MatchedOn.TYPO)
_TYPO_IN_PHRASE = _Band(30, MatchedOn.TYPO)
_TYPO_IN_WORDS = _Band(20, MatchedOn.TYPO)


class _Place(NamedTuple):
    """Where a phrase stands: of which payer, at the start of a name or alias or at a later word of it."""

    payer: int
    at_start: bool
    is_name: bool


class PayerIndex:
    """Built once from the directory, then only read: safe to share between tasks and threads."""

    def __init__(self, payers: Iterable[SearchablePayer]) -> None:
        self._payers = sorted(payers, key=lambda payer: (_plain(payer.name), payer.electronic_id))
        self._ids = {compact(payer.electronic_id): number for number, payer in enumerate(self._payers)}
        self._id_table = _Beginnings(self._ids)
        self._phrases: dict[str, list[_Place]] = defaultdict(list)
        self._words: dict[str, set[int]] = defaultdict(set)
        for number, payer in enumerate(self._payers):
            self._add(number, payer.name, is_name=True)
            for alias in payer.aliases:
                self._add(number, alias, is_name=False)
        self._phrase_table = _Beginnings(self._phrases)
        self._word_table = _Beginnings(self._words)

    def search(self, text: str, limit: int = 10) -> list[PayerMatch]:
        """The best `limit` payers for 1 to 100 characters, best first; equal ones by name, then electronic id."""
        if not 1 <= len(text) <= LONGEST_QUERY:
            raise ValueError("a query has 1 to 100 characters")
        found = _Found()
        self._by_id(text, found)
        query = _plain(text)
        if query:
            self._by_beginning(query, found)
            if len(found.scores) < limit:
                for form in _query_forms(text):
                    self._by_typo(form, found)
                self._by_words(query, found)
        best = sorted(found.scores.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [
            PayerMatch(payer_id=self._payers[number].id, score=round(score, 2), matched_on=matched_on)
            for number, (score, matched_on) in best
        ]

    def _add(self, number: int, text: str, *, is_name: bool) -> None:
        for form in _indexed_forms(text):
            words = form.split(" ")
            for word in words:
                self._words[word].add(number)
            at = 0
            for position, word in enumerate(words):
                self._phrases[form[at:]].append(_Place(number, position == 0, is_name))
                at += len(word) + 1

    def _by_id(self, text: str, found: "_Found") -> None:
        wanted = compact(text)
        for electronic_id in self._id_table.beginning_with(wanted) if wanted else ():
            band = _EXACT_ID if electronic_id == wanted else _BEGINS
            found.add(self._ids[electronic_id], band, len(wanted) / len(electronic_id))

    def _by_beginning(self, query: str, found: "_Found") -> None:
        for phrase in self._phrase_table.beginning_with(query):
            share = len(query) / len(phrase)
            for place in self._phrases[phrase]:
                band = _BEGINS if place.at_start else _PHRASE_BEGINS
                if share == 1 and place.at_start:
                    band = _EXACT_NAME if place.is_name else _EXACT_ALIAS
                found.add(place.payer, band, share, is_name=place.is_name)

    def _by_typo(self, query: str, found: "_Found") -> None:
        size = len(query)
        if size < _FEWEST_FOR_TYPO:
            return
        for phrase in self._phrase_table.nearly_beginning_with(query):
            is_whole = len(phrase) <= size + 1 and OSA.distance(query, phrase, score_cutoff=1) <= 1
            if not is_whole and size < _HEAD:
                continue
            share = min(size, len(phrase)) / max(size, len(phrase))
            for place in self._phrases[phrase]:
                band = _TYPO_IN_BEGINNING if place.at_start else _TYPO_IN_PHRASE
                if is_whole and place.at_start:
                    band = _TYPO_IN_WHOLE
                found.add(place.payer, band, share, is_name=place.is_name)

    def _by_words(self, query: str, found: "_Found") -> None:
        """Every word typed begins a word of the payer's names, in any order, one of them perhaps with a typo."""
        words = list(dict.fromkeys(query.split(" ")))
        if not 2 <= len(words) <= _MOST_WORDS:
            return
        exact = [self._with_word(word) for word in words]
        for number in set.intersection(*exact):
            found.add(number, _WORDS_BEGIN, self._share(query, number))
        for position, word in enumerate(words):
            others = set.intersection(*exact[:position], *exact[position + 1 :])
            if others and len(word) >= _HEAD:
                for near in self._word_table.nearly_beginning_with(word):
                    for number in others & self._words[near]:
                        found.add(number, _TYPO_IN_WORDS, self._share(query, number))

    def _with_word(self, word: str) -> set[int]:
        return set().union(*(self._words[full] for full in self._word_table.beginning_with(word)))

    def _share(self, query: str, number: int) -> float:
        return min(1.0, len(query) / len(self._payers[number].name))


class _Found:
    """The best score of each payer so far, by its number in the index."""

    def __init__(self) -> None:
        self.scores: dict[int, tuple[float, MatchedOn]] = {}

    def add(self, number: int, band: _Band, share: float, *, is_name: bool = True) -> None:
        """`share` (how much of the text was typed) orders matches of one kind; of two alike a name beats an alias."""
        score = band.floor if band.floor >= _EXACT_ALIAS.floor else band.floor + 9 * share - (0 if is_name else 0.5)
        if number not in self.scores or self.scores[number][0] < score:
            self.scores[number] = (score, band.matched_on)


class _Beginnings:
    """Texts by how they begin, exactly or with one typo.

    Of two texts of which one begins, within one typo, with the other, the heads have a form in common after at most one
    character is taken out of each; so candidates for a typo are found without looking at every text.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = sorted(texts)
        self._shortened: dict[str, set[str]] = defaultdict(set)
        for head in {text[:_HEAD] for text in self._texts}:
            for form in _shortened(head):
                self._shortened[form].add(head)

    def beginning_with(self, start: str) -> list[str]:
        return self._texts[bisect_left(self._texts, start) : bisect_left(self._texts, start + "\U0010ffff")]

    def nearly_beginning_with(self, start: str) -> list[str]:
        heads = {head for form in _shortened(start[:_HEAD]) for head in self._shortened.get(form, ())}
        return [text for head in heads for text in self._having_head(head) if _begins_within_one_typo(text, start)]

    def _having_head(self, head: str) -> list[str]:
        """A head shorter than the rest is a whole text."""
        return self.beginning_with(head) if len(head) == _HEAD else [head]


def _begins_within_one_typo(text: str, start: str) -> bool:
    size = len(start)
    return any(OSA.distance(start, text[:end], score_cutoff=1) <= 1 for end in (size, size - 1, size + 1))


def _shortened(text: str) -> set[str]:
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}


def _folded(text: str) -> str:
    """Lower case without accents; apostrophes gone, other punctuation a space, `&` kept. Spaces are as typed."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _SEPARATORS.sub(" ", _APOSTROPHES.sub("", text.casefold()))


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """The form that texts are compared in: folded, `&` as the word, single spaces."""
    return _single_spaced(_folded(text).replace("&", " and "))


def _indexed_forms(text: str) -> set[str]:
    """With `and` as a word and as a sign, so that one typo in either is still one typo."""
    plain = _plain(text)
    sign = re.sub(r"\band\b", "&", plain)
    return {plain, sign, _single_spaced(_folded(text))} - {""}


def _query_forms(text: str) -> set[str]:
    """As typed and tidied: a space or sign typed by mistake, or one lost, must not count as two typos."""
    folded = _folded(text)
    return {_plain(text), _single_spaced(folded), folded} - {""}
