"""`crossover token`: a token of the development issuer."""

import argparse

from app.cli.commands import Commands, add, load_settings


def add_token(commands: Commands) -> None:
    token = add(commands, "token", "mint a development token (production refuses its issuer)", _token)
    token.add_argument("role", choices=["patient", "clinician", "biller", "admin", "partner", "ops"])
    token.add_argument("--subject", default=None)
    token.add_argument("--practice", default=None, help="the practice's id; the demonstration practice by default")
    token.add_argument("--patient", default=None, help="the patient's id, for the patient role")
    token.add_argument("--scope", action="append", default=[], help="a partner's scope; may be repeated")


def _token(arguments: argparse.Namespace) -> int:
    from uuid import UUID

    from app.identity.development import DevelopmentIssuer
    from app.local.demonstration import PATIENT_ID, PRACTICE_ID

    role = arguments.role
    patient = UUID(arguments.patient) if arguments.patient else PATIENT_ID
    practice = UUID(arguments.practice) if arguments.practice else PRACTICE_ID
    issuer = DevelopmentIssuer(load_settings().data_dir / "identity")
    print(
        issuer.mint(
            arguments.subject or f"demo-{role}",
            [role],
            None if role == "ops" else practice,
            patient_id=patient if role == "patient" else None,
            scopes=arguments.scope,
        )
    )
    return 0
