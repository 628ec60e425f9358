"""One Centra instance is served as a whole: both APIs, the people who work in it, and its webhooks."""

from sandbox.centra.content import JPEG, image_of
from sandbox.centra.control import Control
from sandbox.centra.graphql_api import GraphQLApi
from sandbox.centra.options import Options
from sandbox.centra.order_api import BASE, OrderApi
from sandbox.centra.world import World
from sandbox.http import Request, Response, Server, json_response
from sandbox.seed import IMAGES, Seed


class CentraTwin:
    """Tells each call to the API it is meant for."""

    name = "centra"

    def __init__(self, options: Options, seed: Seed) -> None:
        self.world = World(options, seed)
        self._graphql = GraphQLApi(self.world)
        self._orders = OrderApi(self.world)
        self._control = Control(self.world)

    def operation(self, request: Request) -> str | None:
        """GraphQL root fields joined by commas, the name of an Order API call, or ``image``."""
        if request.path == "/graphql":
            return self._graphql.operation(request)
        if request.path.startswith(IMAGES):
            return "image"
        return self._orders.operation(request) if request.path.startswith(BASE) else None

    def answer(self, request: Request) -> Response:
        """Carries the call out."""
        if request.path == "/graphql":
            return self._graphql.answer(request)
        if request.path.startswith(BASE):
            return self._orders.answer(request)
        if request.method in ("GET", "HEAD") and self._has_image(request.path):
            return Response(body=JPEG, headers={"content-type": "image/jpeg"})
        return json_response({"errors": [{"message": "Not found."}]}, 404)

    def _has_image(self, path: str) -> bool:
        number, catalogue = image_of(path), self.world.catalogue
        with self.world.lock:
            return number in catalogue.images and number not in catalogue.broken_images

    def control(self, request: Request) -> Response | None:
        """Carries out what people do in Centra."""
        return self._control.answer(request)

    def throttled(self, request: Request, seconds: float) -> Response:
        """429 with the moment from which calls are welcome again."""
        response = self._graphql.throttled(seconds)
        if request.path.startswith(BASE):
            response.body = b'{"status":"no","msg":"Too many requests"}'
        return response


class CentraServer(Server):
    """The twin's port together with its sender of webhooks; both know the same faults."""

    def __init__(self, twin: CentraTwin, port: int = 0) -> None:
        super().__init__(twin, port)
        twin.world.options.base_url = twin.world.options.base_url or self.url
        self._webhooks = twin.world.webhooks
        self._webhooks.faults = self.faults

    def start(self) -> Server:
        """Begins to answer and to post; returns itself."""
        self._webhooks.start()
        return super().start()

    def stop(self) -> None:
        """Closes the port and ends the sender."""
        super().stop()
        self._webhooks.stop()
