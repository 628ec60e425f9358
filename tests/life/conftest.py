"""Stories about products share one shop, and each finds it as if it had just been opened."""

from collections.abc import Iterator

import pytest

from tests.life.product_stage import ProductStage


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
