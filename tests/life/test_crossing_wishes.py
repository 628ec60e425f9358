"""A wish to cancel that crosses something else on its way is neither forgotten nor carried out twice."""

from pathlib import Path

from integration.flows import receiving, work
from integration.lanes import Lane
from integration.steps import CANCELLATIONS_POLL, CANCELLATIONS_SETTLE
from integration.virtualstock.schema import Status
from tests.life.play import articles, cast
from tests.life.stage import Stage
from tests.life.table import STORIES
from tests.world import FLOWS


def test_a_wish_to_cancel_during_a_refused_placing_is_not_forgotten(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        (story,) = [each for each in STORIES if each.name == "postponed, cancelled"]
        (played,) = cast(stage, [story], articles(stage.seed, [story]))
        create, order = stage.services.centra.create_order, played.order
        raced = []

        def create_while_the_retailer_cancels(*args: object, **options: object) -> object:
            if not raced:
                raced.append(order.act("cancel"))
                with stage.store.write() as db:
                    stage.services.promise(db, CANCELLATIONS_POLL, ["calder"])
                for step, subject in ((CANCELLATIONS_POLL, "calder"), (CANCELLATIONS_SETTLE, order.subject)):
                    work.run(stage.services, step, subject, FLOWS[step.name])
            return create(*args, **options)

        stage.services.centra.create_order = create_while_the_retailer_cancels
        played.act("order 2 1 short")
        stage.calm()
        assert raced
        assert order.units() == {"1": (0, 2), "2": (0, 1)}
    finally:
        stage.stop()


def test_an_older_list_cancels_no_unit_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        (story,) = [each for each in STORIES if each.name == "some units of a line cancelled"]
        (played,) = cast(stage, [story], articles(stage.seed, [story]))
        order = played.order
        played.act("order 3")
        stage.calm()
        played.act("cancel 1:1")
        client = stage.services.virtualstock("fernhill")
        profile = stage.rules.retailers["fernhill"]
        began = stage.now()
        old = client.orders(Status.CANCEL, retailer_id=profile.virtualstock.customer_id, lane=Lane.ORDERS)
        assert old
        stage.calm()
        receiving.receive(stage.services, profile, old, read_at=began)
        stage.calm()
        assert [line["cancelled"] for line in order.centra_order()["lines"]] == [1]
    finally:
        stage.stop()
