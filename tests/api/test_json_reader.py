import json
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import json_reader
from app.api.json_reader import MAX_DEPTH, MAX_ITEMS, read, text_fault
from app.domain.errors import CrossoverError, Invalid, Malformed

_NAMES = st.text(st.characters(min_codepoint=0x61, max_codepoint=0x7A), min_size=1, max_size=8)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(codec="ascii", categories=["L"])),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(_NAMES, children, max_size=4),
    max_leaves=20,
)


def _refusal(raw: bytes) -> CrossoverError:
    with pytest.raises(CrossoverError) as caught:
        read(raw)
    return caught.value


@given(st.dictionaries(_NAMES, _VALUES, max_size=5), st.booleans())
def test_plain_objects_are_read_as_they_are(document: dict[str, Any], indented: bool) -> None:
    assert read(json.dumps(document, indent=2 if indented else None).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else(raw: bytes) -> None:
    try:
        document = read(raw)
    except (Malformed, Invalid):
        return
    assert isinstance(document, dict)


@given(st.text(alphabet='{}[]",:\\ntu0d8e1\u202e é-.', max_size=60))
def test_near_json_is_read_as_the_standard_library_reads_it_or_refused(text: str) -> None:
    try:
        document = read(text.encode())
    except (Malformed, Invalid):
        return
    assert document == json.loads(text) or not unicodedata.is_normalized("NFC", json.dumps(json.loads(text)))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a":1} x', "json_syntax"),
        (b'{"a":1}{"a":1}', "json_syntax"),
        (b"{'a':1}", "json_syntax"),
        (b'{"a":1,}', "json_syntax"),
        (b'{"a":"raw\ttab"}', "json_syntax"),
        (b'{"a":"never closed', "json_syntax"),
        (b'{"a":01}', "json_syntax"),
        (b'{"a":"\\x41"}', "json_syntax"),
        (b'{"a":1,"a":2}', "json_duplicate_key"),
        (b'{"a":{"b":1,"\\u0062":2}}', "json_duplicate_key"),
        ('{"\u00e9":1,"e\u0301":2}'.encode(), "json_duplicate_key"),
        (b'\xef\xbb\xbf{"a":1}', "json_encoding"),
        ('{"a":1}'.encode("utf-16"), "json_encoding"),
        ('{"a":1}'.encode("utf-16-le"), "json_encoding"),
        ('{"a":1}'.encode("utf-16-be"), "json_encoding"),
        ('{"a":1}'.encode("utf-32"), "json_encoding"),
        ('{"a":1}'.encode("utf-32-be"), "json_encoding"),
        (b'{"a":"\xff"}', "json_encoding"),
        (b'{"a":"\xed\xa0\x80"}', "json_encoding"),
        (b'{"a":"\xc0\xaf"}', "json_encoding"),
        (b'{"a":NaN}', "json_number"),
        (b'{"a":Infinity}', "json_number"),
        (b'{"a":-Infinity}', "json_number"),
        (b'{"a":1e400}', "json_number"),
        (b'{"a":-1e400}', "json_number"),
        (b'{"a":%s}' % (b"1" * 51), "json_number"),
        (b'{"a":-%s}' % (b"1" * 5_000), "json_number"),
        (b'{"a":0.%s}' % (b"1" * 5_000), "json_number"),
        (b'{"a":' + b"[" * 100_000, "json_depth"),
        (b'{"a":' * 100_000, "json_depth"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "json_depth"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_code(raw: bytes, code: str) -> None:
    error = _refusal(raw)
    assert isinstance(error, Malformed)
    assert error.problem_code == code


@pytest.mark.parametrize("raw", [b"", b" \r\n\t ", b"null", b"[]", b'[{"a":1}]', b'"text"', b"7", b"true"])
def test_only_an_object_is_taken(raw: bytes) -> None:
    error = _refusal(raw)
    assert isinstance(error, Invalid)
    assert error.problem_code == "body_not_object"


def test_numbers_of_fifty_digits_are_read() -> None:
    digits = "9" * 50
    assert read(f'{{"a":-{digits},"b":{digits[:-2]}.5e1}}'.encode())["a"] == -int(digits)


def test_depth_counts_brackets_outside_strings_only() -> None:
    levels = MAX_DEPTH - 1
    assert read(b'{"a":' + b"[" * levels + b'"[[[{{{\\"[[["' + b"]" * levels + b"}")
    assert _refusal(b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}").problem_code == "json_depth"


@pytest.mark.parametrize(
    "items",
    [
        lambda n: b'{"a":[' + b",".join([b"1"] * (n - 1)) + b"]}",
        lambda n: b"{" + b",".join(b'"k%d":1' % i for i in range(n)) + b"}",
        lambda n: b'{"a":[' + b",".join([b"[]"] * (n - 1)) + b"]}",
        lambda n: b'{"a":[' + b",".join([b"{ }"] * (n - 1)) + b"]}",
        lambda n: b'{"a":[' + b",".join([b'",,[,"'] * (n - 1)) + b"]}",
        lambda n: b'{"a":[' + b",".join([b"[ 1]"] * ((n - 1) // 2)) + b",1" * ((n - 1) % 2) + b"]}",
    ],
)
def test_a_thousand_members_and_items_are_read_and_one_more_is_refused(items: Any) -> None:
    assert read(items(MAX_ITEMS))
    error = _refusal(items(MAX_ITEMS + 1))
    assert isinstance(error, Invalid)
    assert error.problem_code == "too_many"
    assert [finding.code for finding in error.findings] == ["too_many"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":[' + b",".join([b"1"] * 200_000) + b"]}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(80_000)) + b"}",
        b'{"a":[' + b"[]," * 300_000 + b"1]}",
        b'{"a":' + b"[" * 1_000_000,
        b'{"a":"' + b'\\"' * 500_000,
        b'{"a":' + b'"' * 1_000_000,
        b'{"a":' + b"[ " * 500_000,
        b'{"a":' + b"9" * 1_000_000 + b"}",
        b'{"a":' + b"9." * 500_000 + b"}",
        b'{"a":' + b"\\" * 1_000_000,
        b" " * 1_048_576,
    ],
)
def test_a_hostile_mebibyte_is_refused_quickly(raw: bytes) -> None:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        _refusal(raw)
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.05


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\\ud800", "text_invalid"),
        ("\\udc00\\ud800", "text_invalid"),
        ("\\u0000", "text_control"),
        ("\\n", "text_control"),
        ("\\u001f", "text_control"),
        ("\x7f", "text_control"),
        ("\\u007f", "text_control"),
        ("\x85", "text_control"),
        ("\\u009f", "text_control"),
        ("\u202e", "text_unsafe"),
        ("\\u2066", "text_unsafe"),
        ("\u200b", "text_unsafe"),
        ("\ufeff", "text_unsafe"),
        ("\u00ad", "text_unsafe"),
        ("\u2028", "text_unsafe"),
        ("\ue000", "text_unsafe"),
        ("\U000e0041", "text_unsafe"),
        ("\ufdd0", "text_unsafe"),
        ("\U0001ffff", "text_unsafe"),
    ],
)
@pytest.mark.parametrize("around", ["", "é"])
def test_unusable_text_is_found_wherever_it_stands(text: str, code: str, around: str) -> None:
    value = _refusal(f'{{"a":{{"b":["fine","{around}{text}"]}}}}'.encode())
    assert [(finding.code, finding.pointer) for finding in value.findings] == [(code, "/a/b/1")]
    name = _refusal(f'{{"a":{{"{around}{text}":{{"b":1}}}}}}'.encode())
    assert [(finding.code, finding.pointer) for finding in name.findings] == [(code, "/a")]


def test_all_unusable_texts_are_found_at_once() -> None:
    error = _refusal('{"a":"\u202e","b":["\\u0000",{"c":"\\ud800"}],"d":"fine"}'.encode())
    assert isinstance(error, Invalid)
    assert error.problem_code == "validation_failed"
    assert [(finding.code, finding.pointer) for finding in error.findings] == [
        ("text_unsafe", "/a"),
        ("text_control", "/b/0"),
        ("text_invalid", "/b/1/c"),
    ]


@pytest.mark.parametrize(
    "raw", ['{"a":"Jose\u0301"}', '{"a":"Jose\\u0301"}', '{"a":"Jos\u00e9"}', '{"a":"Jos\\u00e9"}']
)
def test_text_comes_back_composed(raw: str) -> None:
    assert read(raw.encode()) == {"a": "Jos\u00e9"}


@given(st.text(st.characters(categories=["L", "M", "N", "P"]), max_size=20))
def test_text_that_passes_is_normalised_and_faultless(text: str) -> None:
    try:
        value = read(json.dumps({"a": text}, ensure_ascii=False).encode())["a"]
    except Invalid:
        assert text_fault(text) is not None
        return
    assert value == unicodedata.normalize("NFC", text)
    assert text_fault(text) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name":"Zebediah Quackenbush","name":1}',
        b'{"name":"Zebediah Quackenbush" oops}',
        b'{"name":"Zebediah Quackenbush \xff"}',
        b'{"Zebediah Quackenbush":"\\u0000"}',
        b'{"Zebediah Quackenbush":1e999}',
    ],
)
def test_no_refusal_repeats_the_body(raw: bytes) -> None:
    error = _refusal(raw)
    told = [str(error), error.detail, repr(error.findings), repr(error.args)]
    assert not any("Quackenbush" in text for text in told)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_the_reader_has_no_state() -> None:
    assert read(b'{"a":1}') == read(b'{"a":1}')
    assert json_reader.read(b'{"a":[]}') is not json_reader.read(b'{"a":[]}')
