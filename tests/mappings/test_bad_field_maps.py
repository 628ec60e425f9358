"""Every mistake in a field map, or in what a profile says of products, is one sentence with file and line."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.rulebook import Rulebook, RulebookError

MAPPINGS = Path(__file__).parents[2] / "mappings"
CALDER, NORTH, FERN = "fields/calder.yaml", "fields/northgate.yaml", "fields/fernhill.yaml"
PROFILE, NORTH_PROFILE = "retailers/calder.yaml", "retailers/northgate.yaml"
COLOUR = "transforms: [{do: list, name: colours}]"
CUT = "{do: truncate, at: 80}"
TITLE = 'sources: [{field: display_name}, {attribute: variant.colour.text}]\n    transforms: [{do: join, by: " "}, '
PRICE = "{attribute: price, amount: selling, pricelist: null, tax: included, places: 2}"


@dataclass(frozen=True)
class Edit:
    """`old` becomes `new` in `file`; the sentence then names the line that holds `at` (None = `new`'s first line)."""

    file: str
    old: str
    new: str
    says: str
    at: str | None = None


EDITS = {
    # The form of a map
    "a misspelt key": Edit(NORTH, "withdrawal:", "withdrawl:", "withdrawl: is not a known key"),
    "no withdrawal": Edit(FERN, "withdrawal: null", "", "withdrawal: is missing", ""),
    "an attribute without a rule": Edit(
        FERN, "    rule: {type: text, required: true, longest: 120}\n", "", "rule: is missing", "attribute: name"),
    "an attribute with a blank": Edit(FERN, "attribute: weight_kg", "attribute: weight kg",
                                      "must be the name of one of the retailer's attributes"),
    "an attribute without a source": Edit(FERN, "sources: [{image: 1}]", "sources: []", "must hold at least 1"),
    "a source of two kinds": Edit(FERN, "{image: 1}", "{image: 1, field: sku}",
                                  "must have one of the keys field, attribute, image, constant, and only one"),
    "a source of no kind": Edit(FERN, "{image: 1}", "{picture: 1}", "must have one of the keys field, attribute"),
    "a source that is text": Edit(FERN, "[{image: 1}]", "[image]", "must have one of the keys field, attribute"),
    "a field nobody has": Edit(FERN, "{field: display_name}", "{field: displayname}", "field: must be 'sku', 'ean'"),
    "an attribute of no level": Edit(FERN, "variant.colour.text", "colour.text",
                                     "must be product., variant. or display., then an attribute's type"),
    "an image before the first": Edit(FERN, "{image: 1}", "{image: 0}", "must be greater than or equal to 1"),
    "an image in quotes": Edit(FERN, "{image: 1}", '{image: "1"}', "must be a whole number, without quotes"),
    "an empty constant": Edit(FERN, "{image: 1}", '{constant: ""}', "must not be empty"),
    # Transforms
    "a transform nobody knows": Edit(FERN, "{do: text_from_html}", "{do: eval}", "do: must be one of trim, case"),
    "a transform that says nothing": Edit(FERN, "{do: text_from_html}", "{to: upper}",
                                          "do: is missing; it says what is done"),
    "an expression": Edit(FERN, "{do: text_from_html}", "upper(description)", "must be a mapping of keys to values"),
    "a case nobody knows": Edit(CALDER, CUT, "{do: case, to: camel}", "to: must be 'upper', 'lower', 'title'"),
    "a cut to nothing": Edit(CALDER, CUT, "{do: truncate, at: 0}", "must be greater than or equal to 1"),
    "a cut above the longest": Edit(CALDER, CUT, "{do: truncate, at: 81}",
                                    "81 is above longest, 80, so a cut text would still be too long"),
    "two sources that nothing joins": Edit(CALDER, TITLE, TITLE.replace('{do: join, by: " "}, ', ""),
                                           "several sources need exactly one transform join",
                                           "attribute: product_name"),
    "one source that is joined": Edit(FERN, "{do: text_from_html}", '{do: join, by: ", "}', "one source needs none",
                                      "attribute: description"),
    "a cut before the join": Edit(CALDER, f'{{do: join, by: " "}}, {CUT}', f'{CUT}, {{do: join, by: " "}}',
                                  "only trim, case and text_from_html may stand before join",
                                  "attribute: product_name"),
    "a list that is not there": Edit(NORTH, COLOUR, COLOUR.replace("colours", "colors"),
                                     "there is no list colors; the lists of this map are: colours"),
    "a word that is no choice": Edit(NORTH, "Navy: BLUE", "Navy: NAVY",
                                     "NAVY is not among the choices of colour: BLUE, CREAM"),
    "a word without a translation": Edit(NORTH, "Navy: BLUE", "Navy: null", "must be text; put it in quotes"),
    "a weight of a text": Edit(NORTH, "[{field: weight}]", "[{field: sku}]",
                               "weight needs one source: field: weight, or an attribute that holds kilograms",
                               "{do: weight"),
    "a weight in stones": Edit(NORTH, "to: grams", "to: stones", "to: must be 'grams', 'kilograms'"),
    "a length of a field": Edit(FERN, "{do: text_from_html}",
                                "{do: length, unit: metres, to: inches, places: 1}",
                                "length needs one source, an attribute that holds a number"),
    "a date of a name": Edit(FERN, "{do: text_from_html}", "{do: date, form: DD/MM/YYYY}",
                             "date needs one source: field: updated_at, or an attribute that holds a date"),
    "a date form nobody knows": Edit(FERN, "{do: text_from_html}", "{do: date, form: D.M.YY}",
                                     "must be one of YYYY-MM-DD, DD/MM/YYYY"),
    # Rules
    "a type nobody knows": Edit(FERN, "type: gtin", "type: ean", "type: must be 'text', 'whole', 'number', 'gtin'"),
    "required in words": Edit(FERN, "{type: gtin, required: false}", "{type: gtin, required: no}",
                              "must be true or false"),
    "a bound without quotes": Edit(NORTH, 'least: "1"', "least: 1", "least: must be text; put it in quotes"),
    "a bound of a text": Edit(FERN, "longest: 120", 'longest: 120, least: "1"',
                              "least and most go with type: whole or number", "longest: 120"),
    "bounds the wrong way round": Edit(NORTH, 'least: "1"', 'least: "9", most: "1"', "least is above most"),
    "choices of a link": Edit(FERN, "{type: link, required: false}", "{type: link, required: false, choices: [a]}",
                              "choices go with type: text or whole"),
    "an image that is text": Edit(FERN, "{type: link, required: false}", "{type: text, required: false}",
                                  "an image is a link, but the rule of image says type: text", "{image: 1}"),
    "a constant that is no choice": Edit(
        NORTH, "sources: [{attribute: variant.colour.text}]\n    transforms: [{do: list, name: colours}]",
        "sources: [{constant: TEAL}]\n    transforms: []", "TEAL is not among the choices of colour"),
    # The map as a whole
    "an attribute mapped twice": Edit(FERN, "attribute: size", "attribute: colour",
                                      "colour is mapped a second time; keep one", None),
    "an attribute of all and of one": Edit(CALDER, "attribute: shoe_size", "attribute: size",
                                           "size is mapped in common, for every category; keep one"),
    "stock in a map": Edit(FERN, "attribute: weight_kg", "attribute: free_stock",
                           "free_stock is stock, which travels by itself; take it out of the map"),
    "the part number in a map": Edit(FERN, "attribute: weight_kg", "attribute: part_number",
                                     "part_number is the name of the product at the retailer"),
    "a withdrawal that is mapped": Edit(NORTH, "attribute: listingStatus", "attribute: colour",
                                        "colour is filled by withdrawal; take it out here or there",
                                        "- attribute: colour"),
    "a withdrawal that says nothing": Edit(NORTH, "withdrawn: DISCONTINUED", "withdrawn: LIVE",
                                           "must differ from on_sale, which is LIVE too"),
    "a withdrawal into stock": Edit(NORTH, "attribute: listingStatus", "attribute: free_stock",
                                    "free_stock is stock, which travels by itself"),
    "a category twice": Edit(CALDER, "category: 5547", "category: 5546", "says again what an earlier row says"),
    "a category of two": Edit(CALDER, "[Accessories]", "[Footwear]", "products of Footwear are created in 5546"),
    "a category in words": Edit(CALDER, "category: 5547", "category: Accessories", "must be a whole number"),
    "a language in words": Edit(FERN, "language: null", "language: {code: English, missing: hold}",
                                "must be a language such as en or en-GB"),
    "a language without a rule": Edit(FERN, "language: null", "language: {code: en}", "missing: is missing"),
    # What profiles say of it
    "a map that is not there": Edit(PROFILE, "fields: calder", "fields: caldor", "there is no fields/caldor.yaml"),
    "products without a map": Edit(NORTH_PROFILE, "fields: northgate", "fields: null",
                                   "products are enabled, so a field map must be named"),
    "held in words": Edit(PROFILE, "when_invalid: hold", "when_invalid: skip", "must be 'hold' or 'send_valid'"),
    "images in words": Edit(PROFILE, "images: checked", "images: true", "must be 'checked' or 'unchecked'"),
    "a window of no time": Edit(PROFILE, 'opens: "22:00"', 'opens: "25:00"', "must be a time of day such as"),
    "a window that never opens": Edit(PROFILE, 'opens: "22:00"', 'opens: "06:00"', "quiet"),
    "a price that is mapped": Edit(PROFILE, "{attribute: price,", "{attribute: colour,",
                                   "colour is also in fields/calder.yaml; keep one"),
    "a price that is stock": Edit(PROFILE, "{attribute: price,", "{attribute: free_stock,", "it cannot be a price"),
    "a price twice": Edit(PROFILE, "{attribute: rrp,", "{attribute: price,", "price is filled by an earlier row"),
    "a price that withdraws": Edit(PROFILE, "{attribute: price,", "{attribute: discontinued,",
                                   "discontinued is filled by withdrawal in fields/calder.yaml"),
    "a cost of a pricelist": Edit(PROFILE, "amount: cost, pricelist: null", "amount: cost, pricelist: 8",
                                  "cost stands at the variant, in no pricelist; write null"),
    "an amount nobody knows": Edit(PROFILE, "amount: selling", "amount: best", "amount: must be 'selling', 'list'"),
    "prices of nothing": Edit("retailers/northgate.yaml", "prices: {enabled: false", "prices: {enabled: true",
                              "prices are enabled, so at least one of the retailer's attributes must be in fields"),
    "a tax above all": Edit(PROFILE, 'tax_percent: "20"', 'tax_percent: "120"', "between 0 and 100", "prices:"),
    "a tax without quotes": Edit(PROFILE, 'tax_percent: "20"', "tax_percent: 20", "must be text; put it in quotes"),
    "a tax of nothing": Edit("retailers/fernhill.yaml", 'tax_percent: "20"', 'tax_percent: "0"',
                             "Centra holds this price with tax included; to change that, tax_percent must be above 0",
                             "{attribute: price,"),
    "a rounding nobody knows": Edit(PROFILE, "rounding: half-up", "rounding: up", "must be 'half-up' or 'half-even'"),
    "a guardrail above all": Edit(PROFILE, "price_fall_percent: 50", "price_fall_percent: 101",
                                  "must be less than or equal to 100"),
    "a guardrail that stops everything": Edit(PROFILE, "price_fall_percent: 50", "price_fall_percent: 0",
                                              "is 0, so no price could ever change in that direction"),
    "a window of nothing": Edit(PROFILE, "window_minutes: 60", "window_minutes: 0", "must be greater than or equal"),
    "a switch nobody knows": Edit(PROFILE, "  prices: true", "  prices: maybe", "must be true, false or 'shadow'"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", EDITS)
def test_a_mistake_is_told_with_file_line_and_words(tmp_path: Path, mistake: str) -> None:
    edit = EDITS[mistake]
    folder = Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))
    path = folder / edit.file
    text = path.read_text(encoding="utf-8")
    assert edit.old in text
    path.write_text(text.replace(edit.old, edit.new, 1), encoding="utf-8")

    with pytest.raises(RulebookError) as refused:
        Rulebook.load(folder)

    found = refused.value.problems
    told = [problem for problem in found if edit.says in problem]
    assert told, found
    # One sentence for one mistake; a misspelt key is missing as well.
    assert len(found) == (2 if mistake == "a misspelt key" else 1), found
    # A sentence for people: no class of ours, no word of the library.
    assert not any(word in problem for problem in found for word in ("Input", "pydantic", "Error", "tuple", "<class"))
    if edit.at != "":
        wanted = (edit.at or edit.new).strip().splitlines()[0]
        lines = path.read_text(encoding="utf-8").splitlines()
        near = [number for number, line in enumerate(lines, 1) if wanted in line]
        assert any(problem.startswith(f"{edit.file}, line {number}") for problem in told for number in near), told


def test_there_are_enough_of_them() -> None:
    assert len(EDITS) >= 60
