"""Edits are gathered wherever a product was found, and what a person or a sweep asks for is read at once and whole."""

from integration import policy, steps
from integration.centra.content import Display, Product, Size, Variant
from integration.centra.schema import Size as SizeRead
from integration.flows import product_asks
from integration.flows import products as flow
from integration.storage import journal, products, sizes
from tests.world import World, heard

JUMPER = Product(
    id=31, name="Jumper",
    variants=(Variant(id=32, sizes=(Size(id=11, sku="JMP-M"),)),), displays=(Display(id=33, store_id=1),),
)  # fmt: skip


def test_the_product_of_a_part_that_centra_was_asked_for_rests_too(world: World) -> None:
    world.centra.sells(JUMPER)
    world.centra.tells("ProductVariant", 32, action="UPDATED")

    assert world.do(steps.INTAKE_CONTENT, steps.CENTRA).state == "done"

    assert world.item(steps.PRODUCTS_READ, steps.CENTRA).due_at == world.at + policy.CONTENT_QUIET


def test_more_products_than_one_request_takes_are_read_by_the_next(world: World) -> None:
    many = [JUMPER.model_copy(update={"id": 1000 + number, "variants": ()}) for number in range(flow.READ_AT_ONCE + 1)]
    for each in many:
        world.centra.sells(each)
    with world.store.write() as db:
        products.mark_stale(db, [each.id for each in many], heard(db))

    assert world.do(steps.PRODUCTS_READ, steps.CENTRA).state == "done"
    assert world.asked(steps.PRODUCTS_READ) == [steps.CENTRA]
    world.wait(policy.CONTENT_GAP.total_seconds())
    assert world.run(steps.PRODUCTS_READ, steps.CENTRA).state == "done"
    assert world.asked(steps.PRODUCTS_READ) == []


def test_what_a_sweep_did_not_show_is_read_by_id_at_once(world: World) -> None:
    with world.store.write() as db:
        products.record(db, [JUMPER], products.begin_read(db), world.at, {})
        journal.move_watermark(db, flow.SWEEP.began, products.begin_read(db))

        assert flow.ask_unseen(world.services, db) == 1

    assert world.item(steps.PRODUCTS_READ, steps.CENTRA).due_at == world.at
    with world.store.read() as db:
        assert set(products.stale(db, 9, world.at)) == {31}


def test_a_person_who_asks_for_a_product_that_was_never_read_does_not_wait(world: World) -> None:
    world.centra.sells(JUMPER)
    with world.store.write() as db:
        sizes.record(db, [SizeRead(id=11, sku="JMP-M")], sizes.begin_read(db), world.at)

    product_asks.ask(world.services, sku="JMP-M", retailer=None)

    with world.store.read() as db:
        assert set(products.stale(db, 9, world.at)) == {31}
