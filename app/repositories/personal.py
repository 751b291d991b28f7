"""The JSON form in which people and places are sealed."""

import unicodedata
from datetime import date
from typing import Any

from app.domain.parties import Address, Contact, Person, PersonName, Sex


def name_to_json(name: PersonName) -> dict[str, Any]:
    return {"last": name.last, "first": name.first, "middle": name.middle, "suffix": name.suffix}


def name_from_json(value: dict[str, Any]) -> PersonName:
    return PersonName(last=value["last"], first=value["first"], middle=value["middle"], suffix=value["suffix"])


def address_to_json(address: Address | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
    }


def address_from_json(value: dict[str, Any] | None) -> Address | None:
    return None if value is None else Address(**value)


def contact_to_json(contact: Contact | None) -> dict[str, Any] | None:
    return None if contact is None else {"name": contact.name, "phone": contact.phone}


def contact_from_json(value: dict[str, Any] | None) -> Contact | None:
    return None if value is None else Contact(**value)


def person_to_json(person: Person) -> dict[str, Any]:
    return {
        "name": name_to_json(person.name),
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex.value,
        "address": address_to_json(person.address),
    }


def person_from_json(value: dict[str, Any]) -> Person:
    return Person(
        name=name_from_json(value["name"]),
        birth_date=date.fromisoformat(value["birth_date"]),
        sex=Sex(value["sex"]),
        address=address_from_json(value["address"]),
    )


def comparable_name(last_name: str) -> str:
    """A last name as it is hashed for search: letters and digits only, without case and diacritics."""
    folded = unicodedata.normalize("NFKD", last_name).casefold()
    return "".join(character for character in folded if character.isalnum())
