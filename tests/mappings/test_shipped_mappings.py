"""The mappings in the repository are usable as they are."""

from pathlib import Path

import pytest

from integration.kinds import Team
from integration.rulebook import Rulebook, RulebookError

MAPPINGS = Path(__file__).parents[2] / "mappings"
BOOK = Rulebook.load(MAPPINGS)


def test_every_shipped_document_loads() -> None:
    assert sorted(BOOK.retailers) == ["calder", "fernhill", "northgate"]
    assert set(BOOK.teams) == set(Team)
    assert BOOK.version is None


def test_a_published_document_says_the_same_as_the_files() -> None:
    published = Rulebook.from_document(BOOK.to_document(), version=7)
    assert published.version == 7
    assert published.fingerprint == BOOK.fingerprint
    assert "version" not in BOOK.to_document()


def test_exported_files_load_as_the_same_rulebook(tmp_path: Path) -> None:
    document = BOOK.to_document()
    # Texts that YAML could mistake for something else.
    tricky = ["no", "null", "0123", "12345678", "1e3", "14:00", "~", "2026-01-01", "true", "# no comment"]
    document["products"] = [{"retailer": "calder", "part_number": text, "sku": f"S {text}"} for text in tricky]
    book = Rulebook.from_document(document)
    for folder in ("retailers", "fields"):
        (tmp_path / folder).mkdir()
    for path, text in book.to_files().items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert Rulebook.load(tmp_path).fingerprint == book.fingerprint


def test_any_change_changes_the_fingerprint() -> None:
    document = BOOK.to_document()
    document["retailers"]["calder"]["stock"]["buffer"] += 1
    assert Rulebook.from_document(document).fingerprint != BOOK.fingerprint


def with_rows(**documents: object) -> Rulebook:
    return Rulebook.from_document(BOOK.to_document() | documents)


def carrier(retailer: str | None, service: str | None, slug: str, name: str = "Royal Mail") -> dict[str, object]:
    return {"retailer": retailer, "carrier": name, "service": service, "slug": slug}


def test_the_most_specific_carrier_row_wins() -> None:
    rows = [carrier(None, None, "a"), carrier(None, "48", "b"), carrier("fernhill", None, "c")]
    rows.append(carrier("fernhill", "48", "d"))
    book = with_rows(carriers=rows)
    assert book.carrier_slug("northgate", "Royal Mail", None) == "a"
    assert book.carrier_slug("northgate", "Royal Mail", "24") == "a"
    assert book.carrier_slug("northgate", " royal  MAIL ", "48") == "b"
    assert book.carrier_slug("fernhill", "Royal Mail", "24") == "c"
    assert book.carrier_slug("fernhill", "Royal Mail", "48") == "d"
    assert book.carrier_slug("fernhill", "Royal Mai", "48") is None


def test_a_part_number_is_overridden_for_its_own_retailer_only() -> None:
    book = with_rows(products=[{"retailer": "northgate", "part_number": "71234567", "sku": "A-1"}])
    assert book.sku_override("northgate", "71234567") == "A-1"
    assert book.sku_override("calder", "71234567") is None


def test_the_most_specific_buffer_wins_and_without_one_the_profiles_counts() -> None:
    def row(retailer: str | None, sku: str | None, prefix: str | None, buffer: int) -> dict[str, object]:
        return {"retailer": retailer, "sku": sku, "sku_prefix": prefix, "buffer": buffer}

    rows = [row(None, None, "TEE-", 1), row(None, None, "TEE-NVY-", 2), row(None, "TEE-NVY-M", None, 3)]
    rows += [row("calder", None, "TEE-", 0)]
    book = with_rows(stock={"buffers": rows})
    buffers = {sku: book.stock_rule("northgate", sku).buffer for sku in ("TEE-RED-M", "TEE-NVY-S", "TEE-NVY-M", "X")}
    assert buffers == {"TEE-RED-M": 1, "TEE-NVY-S": 2, "TEE-NVY-M": 3, "X": 0}
    assert book.stock_rule("calder", "TEE-NVY-M").buffer == 0
    assert book.stock_rule("calder", "X") is book.retailers["calder"].stock


def test_a_rulebook_cannot_be_changed_in_use() -> None:
    with pytest.raises(ValueError, match="frozen"):
        BOOK.retailers["calder"].stock.buffer = 9  # type: ignore[misc]


def test_a_document_that_is_no_json_is_refused_in_words() -> None:
    with pytest.raises(RulebookError) as refused:
        Rulebook.from_document({"carriers": object()})
    assert refused.value.problems == ["the rulebook: is not JSON data"]


def test_an_empty_document_names_every_missing_part() -> None:
    with pytest.raises(RulebookError) as refused:
        Rulebook.from_document({})
    assert "carriers.yaml: is missing" in refused.value.problems
    assert "the rulebook, retailers: is missing" in refused.value.problems
