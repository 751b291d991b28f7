"""What the invented payers answer, asked over a real socket and read by others than the sandbox."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.members import Member, load_book
from tests.sandbox.inquiries import Asked
from tests.sandbox.reading import check_with_oracle, lines, segments
from tests.sandbox.running import RunningSandbox, running_sandbox

MOCKBERT: dict[str, Any] = {"last_name": "PLACEHOLDER", "first_name": "MOCKBERT", "birth_date": "19900930", "sex": "M"}


def answer(sandbox: RunningSandbox, asked: Asked) -> tuple[int, dict[str, Any], str]:
    """Status, JSON, and the 271 after the oracle has taken it."""
    status, content = sandbox.ask(asked.text())
    check_with_oracle(content["x12"])
    return status, content, content["x12"]


def asked_about(member: Member, **more: Any) -> Asked:
    person = member.person
    assert person.birth_date is not None
    return Asked(
        payer_id=member.payer.id,
        member_id=member.member_id,
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=f"{person.birth_date:%Y%m%d}",
        sex=person.sex,
        **more,
    )


@pytest.mark.parametrize("member", load_book().members.values(), ids=lambda member: str(member.member_id))
@pytest.mark.parametrize("service_type", ["30", "MH"])
def test_every_member_of_the_file_gets_an_answer_that_names_them(
    sandbox: RunningSandbox, member: Member, service_type: str
) -> None:
    status, content, x12 = answer(sandbox, asked_about(member, service_types=(service_type,)))
    if member.payer.down:
        assert (status, lines(x12, "AAA"), lines(x12, "EB")) == (400, ["AAA*Y**42*R"], [])
        return
    assert (status, content["errors"], lines(x12, "AAA")) == (200, [], [])
    (name,) = [line for line in lines(x12, "NM1") if line.startswith("NM1*IL")]
    assert name == f"NM1*IL*1*{member.person.last_name}*{member.person.first_name}****MI*{member.member_id}"
    statuses = {one[1] for one in segments(x12) if one[0] == "EB"} & {"1", "6"}
    assert statuses == {"1" if member.is_active_on(date(2026, 3, 2)) else "6"} or member.carve_out is not None


def test_the_answer_repeats_the_trace_number_and_the_reference(sandbox: RunningSandbox) -> None:
    _, content, x12 = answer(sandbox, Asked(trace_number="T-77", reference="R-88"))
    assert "TRN*2*T-77*9CROSSOVER" in lines(x12, "TRN")
    assert lines(x12, "BHT")[0].startswith("BHT*0022*11*R-88*")
    assert content["subscriberTraceNumbers"][0]["referenceIdentification"] == "T-77"


def test_the_answer_goes_from_receiver_to_sender_with_control_numbers_that_agree(sandbox: RunningSandbox) -> None:
    _, content, x12 = answer(sandbox, Asked())
    parts = {one[0]: one for one in segments(x12)}
    assert parts["ISA"][6].strip() == "SANDBOX"
    assert parts["ISA"][8].strip() == "CROSSOVERTEST"
    assert parts["ISA"][15] == "T"
    assert parts["ISA"][13] == parts["IEA"][2] == content["controlNumber"]
    assert (parts["GS"][1], parts["GS"][2], parts["GS"][3]) == ("HB", "SANDBOX", "CROSSOVERTEST")
    assert parts["GS"][6] == parts["GE"][2]
    assert int(parts["SE"][1]) == len(segments(x12)) - 4


def test_what_is_left_of_the_deductible_is_the_plans_figure_less_what_is_met(sandbox: RunningSandbox) -> None:
    _, _, x12 = answer(sandbox, Asked())
    assert [line for line in lines(x12, "EB") if line.startswith(("EB*C", "EB*G"))] == [
        "EB*C*IND*30***23*1500*****Y",
        "EB*C*IND*30***29*250*****Y",
        "EB*C*FAM*30***23*3000*****Y",
        "EB*C*IND*30***23*4000*****N",
        "EB*G*IND*30***23*5000*****Y",
        "EB*G*IND*30***29*3520*****Y",
        "EB*G*FAM*30***23*10000*****Y",
        "EB*G*IND*30***23*12000*****N",
    ]


def test_mental_health_benefits_come_when_they_are_asked_for(sandbox: RunningSandbox) -> None:
    asked = Asked(payer_id="XOVR2", member_id="BHM200002", **MOCKBERT, service_types=("MH",))
    _, _, x12 = answer(sandbox, asked)
    assert [line for line in lines(x12, "EB") if "*MH" in line] == [
        "EB*1*IND*MH*C1*HERON CHOICE 500******Y",
        "EB*B*IND*MH***27*20*****Y",
        "EB*A*IND*MH***27**.1****Y",
        "EB*A*IND*MH***27**.3****N",
        "EB*F*IND*MH***23***VS*30**Y",
    ]
    _, _, without = answer(sandbox, Asked(payer_id="XOVR2", member_id="BHM200002", **MOCKBERT, service_types=("30",)))
    assert [line for line in lines(without, "EB") if "*MH" in line] == []


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2021, 12, 31), "6"), (date(2022, 1, 1), "1"), (date(2025, 6, 30), "1"), (date(2025, 7, 1), "6")],
)
def test_the_service_date_decides_whether_the_plan_is_active(sandbox: RunningSandbox, day: date, code: str) -> None:
    sampleton = Asked(
        payer_id="XOVR2",
        member_id="BHM200003",
        last_name="INVENTED",
        first_name="SAMPLETON",
        birth_date="19720229",
        service_date=day,
        service_types=("30",),
    )
    _, _, x12 = answer(sandbox, sampleton)
    assert segments(lines(x12, "EB")[0] + "~")[0][1] == code
    assert "DTP*291*RD8*20220101-20250630" in lines(x12, "DTP")


def test_an_inquiry_without_a_date_is_about_today(tmp_path: Path) -> None:
    asked = Asked(payer_id="XOVR2", member_id="BHM200002", **MOCKBERT, service_date=None)
    for today, code in ((datetime(2024, 12, 31, tzinfo=UTC), "EB*6"), (datetime(2025, 1, 1, tzinfo=UTC), "EB*1")):
        with running_sandbox(tmp_path, clock=lambda today=today: today) as sandbox:  # type: ignore[misc]  # early binding
            assert lines(answer(sandbox, asked)[2], "EB")[0].startswith(code)


def test_other_coverage_is_named_with_its_rank_its_dates_and_its_member_id(sandbox: RunningSandbox) -> None:
    _, content, x12 = answer(sandbox, Asked())
    assert "~".join(lines(x12, "EB", "REF", "DTP", "LS", "NM1", "LE")).endswith(
        "EB*R*IND*30~REF*1W*BHM200001~DTP*290*D8*20240301~LS*2120~NM1*SEP*2*BLUE HERON MUTUAL*****PI*XOVR2~LE*2120"
    )
    (other,) = [one for one in content["benefitsInformation"] if one["code"] == "R"]
    assert other["benefitsRelatedEntities"][0]["entityIdentifier"] == "Secondary Payer"


def test_other_coverage_that_began_later_is_not_named_yet(sandbox: RunningSandbox) -> None:
    _, _, x12 = answer(sandbox, Asked(service_date=date(2024, 2, 1)))
    assert [line for line in lines(x12, "EB") if line.startswith("EB*R")] == []


def test_medicare_says_why_it_is_second(sandbox: RunningSandbox) -> None:
    workman = Asked(
        payer_id="XOVR7", member_id="9XX9XX9XX92", last_name="STILLON", first_name="WORKMAN", birth_date="19571010"
    )
    _, _, x12 = answer(sandbox, workman)
    assert "EB*R*IND*30*12" in lines(x12, "EB")
    assert "NM1*PRP*2*MEADOWLARK HEALTH PLAN*****PI*XOVR1" in lines(x12, "NM1")


def test_a_carve_out_is_told_as_a_contact_or_as_a_benefit_of_another_entity(sandbox: RunningSandbox) -> None:
    carla = Asked(member_id="MLK100003", last_name="CARVEOUT", first_name="CARLA", birth_date="19940715")
    carlos = Asked(
        payer_id="XOVR2", member_id="BHM200004", last_name="CARVEOUT", first_name="CARLOS", birth_date="19930211"
    )
    for asked, told in ((carla, "EB*U**MH"), (carlos, "EB*1*IND*MH")):
        _, _, x12 = answer(sandbox, asked)
        assert [line for line in lines(x12, "EB") if "*MH" in line] == [told]
        assert "NM1*VN*2*CEDAR & PINE BEHAVIORAL*****PI*XOVR3" in lines(x12, "NM1")


def test_a_dependent_without_an_own_id_is_answered_in_loop_2100d(sandbox: RunningSandbox) -> None:
    junior = Asked(
        payer_id="XOVR2",
        member_id="BHM200005",
        last_name="PRETEND",
        first_name="PARENTAL",
        birth_date="",
        dependent=("PRETEND", "JUNIOR", "20120509", "M", "19"),
    )
    _, content, x12 = answer(sandbox, junior)
    text = "~".join(lines(x12, "HL", "TRN", "NM1", "INS"))
    assert "HL*3*2*22*1~NM1*IL*1*PRETEND*PARENTAL****MI*BHM200005" in text
    assert "HL*4*3*23*0~TRN*2*TRACE0001*9CROSSOVER" in text
    assert "NM1*03*1*PRETEND*JUNIOR~INS*N*19" in text
    assert content["dependents"][0]["relationToSubscriber"] == "Child"


def test_whoever_is_asked_about_is_a_member_in_the_range_for_anyone(sandbox: RunningSandbox) -> None:
    someone = Asked(member_id="MLK712345", last_name="WHOEVER", first_name="THIS", birth_date="20000229", sex="")
    _, _, x12 = answer(sandbox, someone)
    assert "NM1*IL*1*WHOEVER*THIS****MI*MLK712345" in lines(x12, "NM1")
    assert "DMG*D8*20000229" in lines(x12, "DMG")
    assert lines(x12, "EB")[0] == "EB*1*IND*30*PR*MEADOWLARK PPO 1500"


def test_a_payer_that_takes_any_name_answers_with_the_one_it_holds(sandbox: RunningSandbox) -> None:
    asked = Asked(member_id="MLK100007", last_name="APROXIMATE", first_name="NICKI", birth_date="19881103")
    _, _, x12 = answer(sandbox, asked)
    assert "NM1*IL*1*APPROXIMATE*NICOLA****MI*MLK100007" in lines(x12, "NM1")
    assert lines(x12, "EB")[0].startswith("EB*1")


_JUNIOR = ("PRETEND", "JUNIOR", "20120509", "M", "19")
_PARENTAL = {
    "payer_id": "XOVR2",
    "member_id": "BHM200005",
    "last_name": "PRETEND",
    "first_name": "PARENTAL",
    "birth_date": "",
}
_GOLDA = {
    "payer_id": "XOVR7",
    "member_id": "9XX9XX9XX91",
    "last_name": "MAKEBELIEVE",
    "first_name": "GOLDA",
    "birth_date": "19481201",
}


@pytest.mark.parametrize(
    ("changes", "code", "after"),
    [
        ({"payer_id": "NOBODY1"}, "79", "NM1*PR"),
        ({"payer_id": "XOVR6", "member_id": "SHA600001"}, "42", "NM1*PR"),
        ({"npi": "1555555550"}, "51", "NM1*1P"),
        ({"member_id": "12345"}, "72", "NM1*IL"),
        ({"member_id": "MLK999999"}, "75", "NM1*IL"),
        ({"birth_date": "19850413"}, "71", "NM1*IL"),
        ({"birth_date": ""}, "58", "NM1*IL"),
        ({"last_name": "FACTUAL"}, "73", "NM1*IL"),
        ({"first_name": "TEST"}, "73", "NM1*IL"),
        ({**_GOLDA, "service_date": date(2013, 12, 2)}, "62", "NM1*IL"),
        ({**_GOLDA, "service_date": date(2099, 1, 1)}, "63", "NM1*IL"),
        ({"payer_id": "XOVR4", "member_id": "PLI700000"}, "33", "EB*V"),
        ({**_PARENTAL, "dependent": ("PRETEND", "SENIOR", "20120509", "M", "19")}, "65", "NM1*03"),
        ({**_PARENTAL, "dependent": ("PRETEND", "JUNIOR", "20120510", "M", "19")}, "71", "NM1*03"),
        ({**_PARENTAL, "dependent": ("OTHER", "CHILD", "20150101", "F", "19")}, "67", "NM1*03"),
        ({**_PARENTAL, "dependent": ("PRETEND", "JUNIOR", "", "", "19")}, "58", "NM1*03"),
        ({**_PARENTAL, "last_name": "OTHER", "dependent": _JUNIOR}, "73", "NM1*IL"),
    ],
)
def test_a_payer_refuses_with_one_aaa_where_the_fault_is(
    sandbox: RunningSandbox, changes: dict[str, Any], code: str, after: str
) -> None:
    status, content, x12 = answer(sandbox, Asked(**changes))
    (refusal,) = lines(x12, "AAA")
    assert refusal.split("*")[3] == code
    place = lines(x12, "NM1", "EB", "AAA")
    assert place[place.index(refusal) - 1].startswith(after)
    assert [error["code"] for error in content["errors"]] == [code]
    assert status == (400 if after == "NM1*PR" else 200)
    assert [line for line in lines(x12, "EB") if not line.startswith("EB*V")] == []


def test_one_service_type_an_inquiry_is_enough_for_the_payer_that_takes_no_more(sandbox: RunningSandbox) -> None:
    uno: dict[str, Any] = {"last_name": "SINGLETON", "first_name": "UNO", "birth_date": "19830131"}
    for service_type in ("30", "MH"):
        asked = Asked(payer_id="XOVR4", member_id="PLI400001", **uno, service_types=(service_type,))
        assert lines(answer(sandbox, asked)[2], "AAA") == []


def test_a_service_type_without_figures_is_answered_as_plan_coverage(sandbox: RunningSandbox) -> None:
    _, _, x12 = answer(sandbox, Asked(service_types=("48",)))
    assert lines(x12, "EB")[0] == "EB*1*IND*30*PR*MEADOWLARK PPO 1500"
    assert "EB*C*IND*30***29*250*****Y" in lines(x12, "EB")
