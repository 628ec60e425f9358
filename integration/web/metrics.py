"""Prometheus reads at `GET /metrics` what is true at that moment: every value comes from the database and the quotas.

No process counts anything for it, so it does not matter which web process is asked, and a restart loses nothing.
"""

import hmac
from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from integration.flows import metrics
from integration.services import Services


class Figures(Collector):
    """Reads the figures whenever it is asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """What there is, without asking for values: registering must not need a database."""
        return [_family(figure) for figure in metrics.FIGURES.values()]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The newest values. A figure without any keeps its name and says nothing."""
        readings = metrics.read(self._services)
        for name, figure in metrics.FIGURES.items():
            family = _family(figure)
            for labels, value in sorted(readings.get(name, {}).items()):
                family.add_metric(labels, value)
            yield family


def router(services: Services, token: str | None) -> APIRouter:
    """The door for Prometheus. `token`: what it must show as a bearer token; None lets everybody in."""
    routes = APIRouter()
    registry = CollectorRegistry()
    registry.register(Figures(services))

    @routes.get("/metrics", include_in_schema=False)
    def read(request: Request) -> Response:
        if token is not None and not _shows(request, token):
            return Response("Show METRICS_TOKEN as a bearer token.\n", 401, {"WWW-Authenticate": "Bearer"})
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


def _family(figure: metrics.Figure) -> GaugeMetricFamily:
    return GaugeMetricFamily(figure.name, figure.says, labels=figure.labels)


def _shows(request: Request, token: str) -> bool:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    # Bytes: a header may hold letters that a comparison of texts refuses.
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
