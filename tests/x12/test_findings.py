"""The report: every finding with its place, and an end to them in a hostile file."""

from app.domain.findings import Severity
from app.x12 import findings
from app.x12.findings import FINDINGS_LIMIT, NOT_X12, SEGMENT_UNKNOWN, Fault, Report, location


def test_a_place_reads_as_people_write_it() -> None:
    assert location("2110C", "EB", 7) == "2110C EB07"
    assert location(None, "IEA", 2) == "IEA02"
    assert location("2100C", None, None) == "2100C"
    assert location(None, None, 3) is None


def test_findings_beyond_the_limit_are_counted() -> None:
    report = Report()
    for offset in range(FINDINGS_LIMIT + 5):
        report.add(SEGMENT_UNKNOWN, offset=offset)
    assert len(report.findings) == FINDINGS_LIMIT + 1
    assert report.findings[-1].code == "findings_left_out"
    assert "5 more" in report.findings[-1].message


def test_a_report_knows_whether_there_was_an_error() -> None:
    report = Report()
    report.add(SEGMENT_UNKNOWN)
    assert not report.has_error
    report.add(NOT_X12)
    assert report.has_error


def test_every_fault_has_a_code_of_its_own_and_a_sentence() -> None:
    faults = [value for value in vars(findings).values() if isinstance(value, Fault)]
    assert len({fault.code for fault in faults}) == len(faults) > 40
    assert all(fault.message.endswith(".") and isinstance(fault.severity, Severity) for fault in faults)
