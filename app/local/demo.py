"""`make demo`: a walk through the running service, over HTTP only; prints each step and what came back.

One session of an invented patient with two payers, from her coverages to the second payer's money; then what a patient
does by herself. It may be walked again and again.
"""

import sys
import urllib.error
from pathlib import Path

from app.identity.development import DevelopmentIssuer
from app.local.demo_claims import both_payers_pay
from app.local.demo_coverages import insured_patient, patients_own
from app.local.demo_walk import DemoFailed, Walk
from app.local.demonstration import tokens


def run(address: str, data_dir: Path) -> int:
    """0 when every step was answered as it should; needs `make run` in another terminal."""
    walk = Walk(address, tokens(DevelopmentIssuer(data_dir / "identity")))
    try:
        insured = insured_patient(walk)
        both_payers_pay(walk, insured)
        patients_own(walk, insured.secondary_payer)
    except DemoFailed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except (urllib.error.URLError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        print(
            f"\nNo service answers at {address} ({type(reason).__name__}). Start it with `make run`.", file=sys.stderr
        )
        return 1
    print("\nDone.")
    return 0
