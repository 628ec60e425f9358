"""A delivery address reaches Centra whole: nothing is cut, and what is missing is said instead of made up."""

from dataclasses import dataclass, field

from integration.centra.drafts import DraftAddress
from integration.domain.people import phone_number, split_name, usable_email
from integration.domain.places import country_code, needs_postcode, postcode, town_and_county
from integration.domain.texts import divide, one_line
from integration.virtualstock.schema import Address

LONGEST_COMMENT = 2000
"""More than the longest fields of "Virtualstock API docs: Orders" amount to; Centra documents no limit of its own."""


@dataclass(frozen=True)
class Destination:
    """Where the goods go, and the order's comment: the delivery instructions and what the address had no room for."""

    address: DraftAddress
    comment: str = field(repr=False)


def delivery_address(
    address: Address, *, placeholder_email: str, branch_order: bool, instructions: str | None = None
) -> Destination | list[str]:
    """Centra's form of a delivery address, or what is wrong with it in words free of personal data.

    Text too long for its field goes on in the next one of the kind, then in the comment, below the instructions.

    :param placeholder_email: stands in for a customer's missing or unusable e-mail; Centra requires one and sends
        it nothing.
    :param branch_order: the goods go to a shop, whose orders come without a postcode.
    :param instructions: the retailer's comment on the delivery.
    """
    draft = _Draft()
    country = country_code(one_line(address.country), one_line(address.postal_code))
    draft.put_name(one_line(address.full_name))
    line_2, city, state = one_line(address.line_2), one_line(address.city), one_line(address.state)
    line_2, city, state = town_and_county(line_2, city, state, country or "")
    draft.put_street(one_line(address.line_1), line_2)
    draft.put("city", "City", city)
    draft.put("state", "County", state)
    draft.put("zip_code", "Postcode", postcode(one_line(address.postal_code), country or ""))
    draft.put("phone", "Phone", phone_number(one_line(address.phone), country or ""))
    comment = "\n".join([*([instructions] if instructions else []), *draft.continued])
    wrong = [*draft.wrong, *_missing(draft, country, branch_order)]
    if len(comment) > LONGEST_COMMENT:
        wrong.append(f"address and instructions leave more than {LONGEST_COMMENT} characters to Centra's comment")
    if country is None or wrong:
        return wrong
    email = usable_email(one_line(address.email)) or placeholder_email
    return Destination(DraftAddress(email=email, country=country, **draft.fields), comment)


class _Draft:
    """The text fields of a `DraftAddress`, filled up to their limits, and what is left over."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.continued: list[str] = []
        self.wrong: list[str] = []

    def put(self, name: str, label: str, text: str) -> None:
        """Fill one field; the rest is continued in the comment."""
        self.fields[name], rest = divide(text, DraftAddress.longest(name))
        self._continue(label, rest)

    def put_name(self, full_name: str) -> None:
        """First and last name by meaning where both fit, else by room."""
        room_first, room_last = DraftAddress.longest("first_name"), DraftAddress.longest("last_name")
        first, last, rest = *split_name(full_name), ""
        if len(first) > room_first or len(last) > room_last:
            first, rest = divide(full_name, room_first)
            last, rest = divide(rest, room_last)
        self.fields |= {"first_name": first, "last_name": last}
        self._require(full_name, first + last, "name")
        self._continue("Name", rest)

    def put_street(self, line_1: str, line_2: str) -> None:
        """The first line runs over into the second."""
        street, rest = divide(line_1, DraftAddress.longest("address"))
        self.fields["address"] = street
        self._require(line_1, street, "street")
        self.put("co_address", "Address", f"{rest} {line_2}".strip())

    def _require(self, text: str, placed: str, name: str) -> None:
        if not text:
            self.wrong.append(f"the address has no {name}")
        elif not placed:
            self.wrong.append(f"the {name} begins with a word too long for Centra")

    def _continue(self, label: str, rest: str) -> None:
        if rest:
            self.continued.append(f"{label} continued: {rest}")


def _missing(draft: _Draft, country: str | None, branch_order: bool) -> list[str]:
    if country is None:
        return ["the address has no country that we know"]
    if needs_postcode(country) and not draft.fields["zip_code"] and not branch_order:
        return ["the address has no postcode"]
    return []
