"""The sandbox as a program of its own: it starts fast, remembers, and stops."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.sandbox.ledger import Ledger
from app.sandbox.members import SHIPPED, load_book
from tests.sandbox.inquiries import Asked
from tests.sandbox.running import RunningSandbox, running_sandbox


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(state_dir: Path) -> Iterator[tuple[subprocess.Popen[bytes], RunningSandbox]]:
    """The sandbox in its own process, ended with SIGTERM."""
    port = free_port()
    program = (
        "from pathlib import Path; from app.sandbox.main import run; "
        f"run(port={port}, state_dir=Path({str(state_dir)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as running:
        try:
            _wait_for(port)
            yield running, RunningSandbox(port, [])
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sandbox/livez", timeout=1) as answer:
                assert json.load(answer) == {"status": "live"}
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_what_was_taken_is_remembered_over_a_restart_and_a_kill(tmp_path: Path) -> None:
    with process(tmp_path) as (running, sandbox):
        assert sandbox.ask(Asked(trace_number="FIRST").text())[0] == 200
        control_number = sandbox.ask(Asked(trace_number="SECOND").text())[1]["controlNumber"]
        os.kill(running.pid, signal.SIGKILL)
        running.wait(10)
    with process(tmp_path) as (_, sandbox):
        assert sandbox.ledger() == {"total": 2, "by_trace_number": {"FIRST": 1, "SECOND": 1}}
        assert sandbox.ask(Asked().text())[1]["controlNumber"] > control_number


def test_the_ledger_can_be_asked_for_one_trace_number(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        for trace_number in ("A", "B", "A"):
            sandbox.ask(Asked(trace_number=trace_number).text())
        _, content = sandbox.call("GET", "/sandbox/ledger?trace_number=A")
    assert content["inquiries"] == {"total": 2, "by_trace_number": {"A": 2}}


def test_the_state_holds_no_name_and_no_member_id(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.ask(Asked().text())
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"TRACE0001" in stored
    for canary in (b"FICTIONAL", b"TESTINA", b"MLK100001", b"19850412"):
        assert canary not in stored


def test_control_numbers_never_repeat(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = [ledger.next_control_number() for _ in range(3)]
    ledger.close()
    again = Ledger(tmp_path)
    assert [*first, again.next_control_number()] == [1, 2, 3, 4]
    again.close()


def test_a_stop_does_not_wait_for_an_answer_that_hangs(tmp_path: Path) -> None:
    with process(tmp_path) as (running, sandbox), socket.create_connection(("127.0.0.1", sandbox.port)) as waiting:
        body = json.dumps({"x12": Asked(member_id="MLK100001HANG").text()}).encode()
        head = (
            f"POST {sandbox.base_url.split(str(sandbox.port))[1]}/change/medicalnetwork/eligibility/v3/raw-x12 HTTP/1.1"
        )
        fields = f"host: x\r\nauthorization: {sandbox.api_key}\r\ncontent-length: {len(body)}"
        waiting.sendall(f"{head}\r\n{fields}\r\n\r\n".encode() + body)
        time.sleep(0.3)
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        running.wait(10)
        assert time.monotonic() - began < 5


def test_importing_the_sandbox_brings_in_nothing_else_of_the_service() -> None:
    program = (
        "import app.sandbox.main, sys; print([m for m in sys.modules if m.startswith('app.') and '.sandbox' not in m])"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"


def test_the_members_file_names_known_payers_and_unique_ids() -> None:
    listed = json.loads(SHIPPED.read_text("utf-8"))["members"]
    book = load_book()
    assert len(book.members) == len(listed)
    for member in book.members.values():
        assert book.payers[member.payer.id] is member.payer


def test_a_file_of_ones_own_may_not_hold_x12_separators(tmp_path: Path) -> None:
    content = json.loads(SHIPPED.read_text("utf-8"))
    content["people"][0]["last_name"] = "FICT*IONAL"
    path = tmp_path / "members.json"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ValueError, match="last_name holds an X12 separator"):
        load_book(path)
