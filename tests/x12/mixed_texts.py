"""One text of each kind that is read, and texts that are not X12 at all, for tests of what takes any text."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from app.x12.eligibility_270 import write as write_270
from tests.x12.claims import a_secondary, written
from tests.x12.inquiries import INQUIRY, an_interchange
from tests.x12.remittances import a_remittance
from tests.x12.texts_271 import a_271, interchange, transaction
from tests.x12.texts_277 import CLAIM, DAY, LINE, OWN, PAID, SUBSCRIBER, a_277
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_835 import a_835
from tests.x12.texts_999 import a_999, a_ta1

_LATER = an_interchange(created_at=datetime(2026, 9, 12, 9, 30, tzinfo=UTC))
"""After the earlier payer's decision."""

TEXTS = {
    "837P": written(a_secondary(), interchange=_LATER),
    "835": a_835(a_remittance()),
    "271": a_271(),
    "277": a_277((*SUBSCRIBER, OWN, PAID, f"REF*EJ*{CLAIM}", DAY, *LINE)),
    "277CA": a_277ca(a_claim_level(CLAIM, "STC*A2:20*20260303*WQ*150")),
    "999": a_999("AK2*837*0001*005010X222A1", "IK5*A"),
}
"""By kind; each has one item and no finding above information."""

ITEMS = {
    "837P": "ReadClaim",
    "835": "ClaimPayment",
    "271": "EligibilityAnswer",
    "277": "ClaimStatus",
    "277CA": "ClaimAcknowledgment",
    "999": "TransactionAcknowledgment",
}
TA1 = a_ta1("TA1*000000042*260301*1200*A*000")


def of_guide(code: str, guide: str, group: str = "HC") -> str:
    """A transaction set of four segments that says it follows the guide."""
    return interchange(transaction(("BHT*0019*00*1", "NM1*41*2"), code=code, guide=guide), group=group, guide=guide)


def a_270(**changes: Any) -> str:
    text, findings = write_270(INQUIRY, an_interchange(**changes))
    assert text is not None, findings
    return text


def _a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("claims.837", TEXTS["837P"])
    return content.getvalue()


NOT_X12: dict[str, bytes] = {
    "empty": b"",
    "blanks": b"  \r\n\r\n",
    "a byte order mark": b"\xef\xbb\xbf",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" * 20,
    "ZIP": _a_zip(),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(range(256)),
    "HTML": b"<!DOCTYPE html>\n<html><body>ISA*00* is not here</body></html>\n" * 10,
    "JSON": b'{"claims": []}' * 20,
    "CSV": b"claim,paid\r\nA1,80.00\r\n" * 20,
    "prose": b"Isaac Newton wrote nothing about claims. " * 20,
    "binary": bytes(range(256)) * 20,
    "UTF-16": TEXTS["837P"].encode("utf-16"),
    "EBCDIC": TEXTS["837P"].encode("cp037"),
    "an ISA cut before its end": TEXTS["837P"][:105].encode(),
    "an ISA cut after its name": b"ISA*",
    "a wrapped ISA cut before its end": TEXTS["837P"][:80].encode() + b"\r\n" + TEXTS["837P"][80:90].encode(),
    "no envelope": TEXTS["837P"][TEXTS["837P"].index("ST*") :].encode(),
    "one long line": b"x" * 200_000,
}
