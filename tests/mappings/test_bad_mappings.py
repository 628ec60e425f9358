"""Every mistake in a mapping file is found before anything relies on it, with a sentence that leads to it."""

import re
import shutil
from pathlib import Path

import pytest

from integration.rulebook import Rulebook, RulebookError

MAPPINGS = Path(__file__).parents[2] / "mappings"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))


def problems(folder: Path) -> list[str]:
    with pytest.raises(RulebookError) as refused:
        Rulebook.load(folder)
    assert str(refused.value) == "\n".join(refused.value.problems)
    return refused.value.problems


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(text) or f" {text}" in line)


CALDER = "retailers/calder.yaml"
CALENDARS = "calendars.yaml"
FLOOD = '{day: "2026-07-01", name: Flood}'
EDITS = {
    "a misspelt key": (CALDER, "requests_per_minute: 250", "request_per_minute: 250", "is not a known key"),
    "a missing key": (CALDER, "  pricelist: 7\n", "", "centra, pricelist: is missing"),
    "text for a number": (CALDER, "store: 1", 'store: "1"', "centra, store: must be a whole number, without quotes"),
    "a number for text": (CALDER, "sub_status: Order Ack", "sub_status: 5 #", "sub_status: must be text; put it in q"),
    "yes for true": (CALDER, "full_lines_only: true", "full_lines_only: yes", "must be true or false"),
    "a fraction": (CALDER, "buffer: 0", "buffer: 0.5", "stock, buffer: must be a whole number"),
    "a negative buffer": (CALDER, "buffer: 0", "buffer: -1", "must be greater than or equal to 0"),
    "too fast": (CALDER, "requests_per_minute: 250", "requests_per_minute: 500", "must be less than or equal to 250"),
    "no time zone": (CALDER, "timezone: Europe/London", "timezone: Europe/Londn", "is not a time zone of the IANA"),
    "a path as time zone": (CALDER, "timezone: Europe/London", "timezone: ../etc", "is not a time zone of the IANA"),
    "no currency": (CALDER, "currency: GBP", "currency: pounds", "currency: must have at most 3 characters"),
    "a lower-case currency": (CALDER, "currency: GBP", "currency: gbp", "must be a currency code such as GBP"),
    "no time of day": (CALDER, '"14:00"', '"2 pm"', 'must be a time of day such as "14:00"'),
    "no e-mail": (CALDER, "calder.orders@example.com", "calder.orders", "must be an e-mail address"),
    "an unknown choice": (CALDER, "tax: included", "tax: some", "must be 'included' or 'excluded'"),
    "an unknown calendar": (CALDER, "calendar: england-and-wales", "calendar: mars", "mars is not in calendars.yaml"),
    "preorder without units": (CALDER, "preorder: none", "preorder: fixed", "preorder_units goes with preorder: fixed"),
    "a ceiling below the floor": (CALDER, "floor: 0\n  ceiling: null", "floor: 9\n  ceiling: 5", "ceiling is below"),
    "a list for a mapping": (CALDER, "{standard: standard, express: express}", "[standard]",
                             "centra, shipping, services: must be a mapping of keys to values"),
    "a mapping for a list": (CALDER, "carriers: [royal-mail, ", "carriers: {a: b} #", "carriers: must be a list"),
    "an empty list": (CALDER, "carriers: [royal-mail, ", "carriers: [] #", "carriers: "),
    "a service twice": (CALDER, "{standard: standard, express", "{standard: standard, Standard: express, express",
                        "says again what an earlier row says"),
    "another file name": (CALDER, "code: calder", "code: caldera", "is caldera, but the file is named calder"),
    "two rates of one credential": ("retailers/fernhill.yaml", "credential: fernhill", "credential: calder",
                                    "calder uses the same credential and says 250; they share one quota"),
    "two currencies of one pricelist": (CALDER, "currency: GBP", "currency: EUR", "a pricelist has one currency"),
    "an unknown way out of stock": (CALDER, "out_of_stock: backorder", "out_of_stock: cancel",
                                    "backorder, out_of_stock: must be 'hold', 'backorder' or 'demand'"),
    "an unknown moment to tell": (CALDER, "when_stock_comes: acknowledge", "when_stock_comes: later",
                                  "backorder, when_stock_comes: must be 'acknowledge' or 'dispatch'"),
    "new dates without a day": (CALDER, "{days: 5, count: working, promised_date: false}\n  delivery_date: {days: 8",
                                "null\n  delivery_date: {days: 8", "backorder, dispatch_date: must be a mapping"),
    "a backorder without words": (CALDER, "sub_status: Stock Due In", "sub_status: null", "sub_status: must be text"),
    "an endless promise": (CALDER, "delivery_date: {days: 8", "delivery_date: {days: 800",
                           "backorder, delivery_date, days: must be less than or equal to 365"),
    "a profile without cancelling": (CALDER, "cancel:\n  part_lines: false\n", "", "cancel: is missing"),
    "part lines by word": (CALDER, "part_lines: false", "part_lines: never", "part_lines: must be true or false"),
    "full orders left open": (CALDER, "  full_orders_only: false\n", "", "dispatch, full_orders_only: is missing"),
    "endless returns": (CALDER, "decide_days: 5", "decide_days: 61", "decide_days: must be less than or equal to 60"),
    "returns in days past": (CALDER, "authorise_days: 2", "authorise_days: -1", "must be greater than or equal to 0"),
    "a rehearsal nobody carries": (CALDER, "carrier: royal-mail}", "carrier: null}",
                                   "test_orders: carrier goes with warehouse: false, and is null otherwise"),
    "a carrier of real orders": (CALDER, "{warehouse: false", "{warehouse: true", "carrier goes with warehouse: false"),
    "a long invoice prefix": (CALDER, 'number_prefix: ""', "number_prefix: CALDER-24",
                              "invoices, number_prefix: must have at most 8 characters"),
    "no invoice prefix": (CALDER, 'number_prefix: ""', "number_prefix: null", "number_prefix: must be text"),
    "a number for a retailer's id": (CALDER, "retailer_id: null", "retailer_id: 14", "retailer_id: must be text"),
    "no hours to answer in": (CALDER, "acknowledge_hours: 24", "acknowledge_hours: 0", "must be greater than or equal"),
    "a listing by another field": (CALDER, "{virtualstock: part_number, meets: sku}\n\n",
                                   "{virtualstock: supplier_sku_reference, meets: listing}\n\n",
                                   "only part_number can be looked up in the listing"),
    "no product field": ("retailers/northgate.yaml", "data.tradedCode", "tradedCode", "must be part_number or data."),
    "a carrier name for a slug": ("carriers.yaml", "slug: royal-mail", "slug: Royal Mail", "must be a carrier slug"),
    "a carrier row of nobody": ("carriers.yaml", "{retailer: calder", "{retailer: caldr", "there is no retailer caldr"),
    "a carrier twice": ("carriers.yaml", "carrier: DPD UK", "carrier: ' dpd'", "must be one line without blanks"),
    "a carrier in other letters": ("carriers.yaml", "carrier: DPD UK", "carrier: dpd", "says again what an earlier"),
    "a slug the retailer refuses": ("carriers.yaml", "service: Parcelforce 48, slug: parcelforce",
                                    "service: Parcelforce 48, slug: tuffnells",
                                    "tuffnells is not among the dispatch.carriers of calder"),
    "a buffer of nobody": ("stock.yaml", "buffers: []",
                           "buffers: [{retailer: x, sku: A, sku_prefix: null, buffer: 1}]", "there is no retailer x"),
    "a buffer of everything": ("stock.yaml", "buffers: []",
                               "buffers: [{retailer: null, sku: null, sku_prefix: null, buffer: 1}]",
                               "give either sku or sku_prefix, and null for the other"),
    "an override of nobody": ("products.yaml", "[]", "[{retailer: x, part_number: A, sku: B}]", "is no retailer x"),
    "an unquoted part number": ("products.yaml", "[]", "[{retailer: calder, part_number: 71234567, sku: B}]",
                                "row 1, part_number: must be text; put it in quotes"),
    "a closed day twice": (CALENDARS, "closed: []", f"closed: [{FLOOD}, {FLOOD}]", "closed, row 2: says again what an"),
    "a closed day without name": (CALENDARS, "closed: []", 'closed: [{day: "2026-07-01"}]', "closed, row 1, name: is "),
    "no date": (CALENDARS, "closed: []", "closed: [{day: 3 April, name: Flood}]",
                'day: must be a valid date, such as "2026-07-01"'),
    "a date that is none": (CALENDARS, "closed: []", 'closed: [{day: "2026-02-30", name: Flood}]',
                            'day: must be a valid date, such as "2026-07-01"'),
    "no country": (CALENDARS, "country: GB", "country: England",
                   "country: must be the ISO code of a country whose bank holidays are known, such as GB"),
    "no part of the country": (CALENDARS, "subdivision: ENG", "subdivision: England",
                               "must be ENG, NIR, SCT, WLS or null; no bank holidays are known for England in GB"),
    "a part of a country without parts": (CALENDARS, "country: GB", "country: JE",
                                          "must be null; no bank holidays are known for ENG in JE"),
    "no working day": (CALENDARS, "working_days: [monday, ", "working_days: [] #", "working_days: "),
    "a day of no week": (CALENDARS, "[monday, ", "[mon, ", "must be 'monday', 'tuesday'"),
    "a team too few": ("teams.yaml", "catalogue:\n  name", "cataloge:\n  name", "must be 'operations', 'warehouse'"),
    "closing before opening": ("teams.yaml", 'opens: "06:00"', 'opens: "21:00"', "opens must be earlier than closes"),
    "a duplicate key": (CALDER, "name: Calder", "name: Calder\nname: Other", "the key name stands here a second time"),
    "an anchor": (CALDER, "name: Calder", "name: &n Calder", "anchors and aliases are not allowed"),
    "an alias": (CALDER, "name: Calder", "name: *n", "anchors and aliases are not allowed"),
    "a merge": (CALDER, "name: Calder", "<<: *n", "anchors and aliases are not allowed"),
    "code": (CALDER, "name: Calder", "name: !!python/object/apply:os.system [id]", "the tag tag:yaml.org,2002:python"),
    "a key that is no text": (CALDER, "name: Calder", "? [a]\n: b", "a key must be plain text"),
    "an unclosed bracket": (CALDER, "services: {standard", "services: [standard", "is no YAML"),
    "a tab": (CALDER, "name: Calder", "name:\n\tx: y", "is no YAML"),
    "a control character": (CALDER, "name: Calder", "name: \x07", "is no YAML, it holds the character U+0007"),
    "a NUL": (CALDER, "name: Calder", "name: Cal\x00der", "is no YAML, it holds the character U+0000"),
    "a NUL that is written as an escape": (CALDER, "name: Calder", 'name: "Cal\\0der"', "holds the character U+0000"),
    "two documents": (CALDER, "name: Calder", "name: Calder\n---\na: b", "a second document begins here"),
    "a sea of values": (CALDER, "name: Calder", f"name: [{'1,' * 100_001}]", "holds more than 100,000 values"),
    "a well without bottom": (CALDER, "name: Calder", f"name: {'[' * 400}{']' * 400}", "is nested too deeply"),
}  # fmt: skip

ELSEWHERE = {
    # Of a key that is missing, the mapping that lacks it; of two that do not fit, the one that is read later.
    "a missing key": (CALDER, "centra:"),
    "full orders left open": (CALDER, "dispatch:"),
    "a profile without cancelling": (CALDER, "code:"),
    "preorder without units": (CALDER, "stock:"),
    "a ceiling below the floor": (CALDER, "stock:"),
    "two rates of one credential": ("retailers/fernhill.yaml", "requests_per_minute:"),
    "two currencies of one pricelist": ("retailers/fernhill.yaml", "currency:"),
    "a part of a country without parts": (CALENDARS, "subdivision:"),
}
"""File and line that are named where it is not the changed line."""
MORE = {"a misspelt key": 2, "two currencies of one pricelist": 2}
"""A mistake is one sentence; these leave the right key missing, or contradict two other files."""


@pytest.mark.parametrize("mistake", EDITS)
def test_a_mistake_is_named_with_its_file_and_line(folder: Path, mistake: str) -> None:
    name, old, new, sentence = EDITS[mistake]
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = problems(folder)
    told = next((problem for problem in found if sentence in problem), None)
    assert told, found
    assert len(found) == MORE.get(mistake, 1), found
    file, begins = ELSEWHERE.get(mistake, (name, ""))
    first = line_of(folder / file, begins) if begins else text[: text.index(old)].count("\n") + 1
    last = first if begins else first + new.rstrip().count("\n")
    place = re.match(rf"{re.escape(file)},? line ([0-9]+)[,:] ", told)
    assert place, told
    assert first <= int(place[1]) <= last, told


def test_the_line_of_a_mistake_is_named(folder: Path) -> None:
    path = folder / "carriers.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("slug: evri", "slug: Evri"), encoding="utf-8")
    row = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("- ")].index(
        "- {retailer: null, carrier: Evri, service: null, slug: Evri}"
    )
    assert problems(folder) == [
        f"carriers.yaml, line {line_of(path, 'slug: Evri')}, row {row + 1}, slug: "
        "must be a carrier slug: small letters, digits and hyphens"
    ]


def test_all_mistakes_of_all_files_are_named_at_once(folder: Path) -> None:
    for name in ("carriers.yaml", "stock.yaml", "retailers/northgate.yaml"):
        (folder / name).write_text("- &a b", encoding="utf-8")
    assert len(problems(folder)) == 3


def test_a_file_that_is_missing_empty_too_large_or_no_text_is_named(folder: Path) -> None:
    (folder / "carriers.yaml").unlink()
    (folder / "products.yaml").write_text("# nothing here\n", encoding="utf-8")
    (folder / "stock.yaml").write_bytes(b"# " + b"x" * 1_000_000)
    (folder / "teams.yaml").write_bytes(b"name: \xff")
    assert problems(folder) == [
        "carriers.yaml cannot be opened: No such file or directory",
        "products.yaml is empty",
        "stock.yaml is larger than 1000000 bytes",
        "teams.yaml line 1: is not UTF-8 at byte 6",
    ]


def test_a_file_that_nothing_reads_is_named(folder: Path) -> None:
    (folder / "carrier.yml").write_text("[]", encoding="utf-8")
    (folder / "retailers" / "new.yml").write_text("{}", encoding="utf-8")
    assert problems(folder) == [
        "carrier.yml is no mapping file; nothing would read it",
        "retailers/new.yml is no mapping file; nothing would read it",
    ]


def test_json_beside_the_mapping_files_is_none_of_them(folder: Path) -> None:
    for path in (folder / "schema", folder, folder / "retailers"):
        (path / "note.json").write_text("{", encoding="utf-8")
    assert Rulebook.load(folder).fingerprint == Rulebook.load(MAPPINGS).fingerprint


def test_a_rulebook_without_retailers_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "retailers")
    (folder / "carriers.yaml").write_text("[]", encoding="utf-8")
    assert problems(folder) == ["the rulebook, retailers: there is no retailer"]


def test_a_missing_team_is_named(folder: Path) -> None:
    path = folder / "teams.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("finance:")], encoding="utf-8")
    assert problems(folder) == ["teams.yaml, line 5: the team finance is missing; exceptions are assigned to it"]


def test_one_customer_belongs_to_one_profile(folder: Path) -> None:
    path = folder / CALDER
    text = path.read_text(encoding="utf-8").replace("credential: calder", "credential: northgate")
    path.write_text(text.replace("customer_id: 14", "customer_id: 13"), encoding="utf-8")
    # Files are read in the order of their names, so the later profile is the one that says it again.
    assert problems(folder) == [
        f"retailers/northgate.yaml, line {line_of(folder / 'retailers/northgate.yaml', 'customer_id')}, virtualstock, "
        "customer_id: 13 already belongs to calder"
    ]
