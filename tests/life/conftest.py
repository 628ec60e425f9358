"""Stories about products share one shop, those about what people are told one switchboard; each finds it as new."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.life.desk import Desk
from tests.life.product_stage import ProductStage
from tests.life.switchboard import Switchboard


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductStage]:
    """Centra's catalogue and three retailers in agreement; whoever wants to change it asks for `stage`."""
    made = ProductStage(tmp_path_factory.mktemp("shop"))
    yield made
    made.stop()


@pytest.fixture
def stage(shop: ProductStage) -> ProductStage:
    """The shop as it was when it opened."""
    shop.again()
    return shop


@pytest.fixture(scope="session")
def board() -> Iterator[Switchboard]:
    """Where all channels lead."""
    made = Switchboard()
    yield made
    made.stop()


@pytest.fixture
def desk(tmp_path: Path, board: Switchboard) -> Iterator[Desk]:
    """A system with an empty shop, and the people whom it tells."""
    made = Desk(tmp_path, board)
    yield made
    made.store.close()
