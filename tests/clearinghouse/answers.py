"""Whole HTTP answers as the client gives them, and short texts of X12 that are envelopes and little else."""

import json
from typing import Any

from app.http_client import HttpAnswer

ISA = "ISA*00*          *00*          *ZZ*SANDBOX        *ZZ*CROSSOVERTEST  *260302*1319*^*00501*000000001*0*T*:~"
A271 = f"{ISA}GS*HB*S*C*20260302*1319*1*X*005010X279A1~ST*271*0001*005010X279A1~"
A277 = f"{ISA}GS*HN*S*C*20260302*1319*1*X*005010X214~ST*277*0001*005010X214~"
A999 = f"{ISA}GS*FA*S*C*20260302*1319*1*X*005010X231A1~ST*999*0001*005010X231A1~"
ATA1 = f"{ISA}TA1*000000042*260302*1319*R*024~IEA*0*000000001~"


def answer(status: int, content: Any, *, media_type: str = "application/json", **headers: str) -> HttpAnswer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HttpAnswer(status, {"content-type": media_type, **headers}, body)
