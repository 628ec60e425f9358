"""A module of the console or of the API is one that makes its routes from the services it is given."""

from typing import Protocol

from fastapi import APIRouter

from integration.services import Services


class Part(Protocol):
    """What such a module has."""

    def router(self, services: Services) -> APIRouter:
        """Its routes."""
