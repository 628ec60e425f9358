"""The mapping documents that retailers share: carriers, SKU overrides, stock buffers, calendars and teams."""

from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from integration.rulebook.base import ClockTime, Code, Mailbox, Model, Slug, Text, Units, Weekday, Zone


class CarrierRow(Model):
    """One row of ``carriers.yaml``: Centra's carrier and service name to a Virtualstock slug; null = any."""

    retailer: Code | None
    carrier: Text
    service: Text | None
    slug: Slug


class SkuRow(Model):
    """One row of ``products.yaml``: what a retailer calls `part_number` is our `sku`, whatever else matches."""

    retailer: Code
    part_number: Text
    sku: Text


class BufferRow(Model):
    """One row of ``stock.yaml``: units kept back for one SKU, or for every SKU that begins with a prefix."""

    retailer: Code | None
    sku: Text | None
    sku_prefix: Text | None
    buffer: Units

    @model_validator(mode="after")
    def _one_subject(self) -> "BufferRow":
        if (self.sku is None) == (self.sku_prefix is None):
            raise ValueError("give either sku or sku_prefix, and null for the other")
        return self


class StockDocument(Model):
    """``stock.yaml``."""

    buffers: tuple[BufferRow, ...]


_WEEKDAYS = tuple(Weekday)


class Holiday(Model):
    """A day on which nobody works although its weekday is a working day."""

    day: date
    name: Text


class Calendar(Model):
    """One entry of ``calendars.yaml``. After `known_until` only weekdays are known; the doctor warns before."""

    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    holidays: tuple[Holiday, ...]
    known_until: date

    def is_working_day(self, day: date) -> bool:
        """Whether somebody works on that day."""
        return _WEEKDAYS[day.weekday()] in self.working_days and day not in self._days_off

    @cached_property
    def _days_off(self) -> frozenset[date]:
        return frozenset(holiday.day for holiday in self.holidays)


class OfficeHours(Model):
    """When a team answers, on its own clock."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _opens_first(self) -> "OfficeHours":
        if self.opens >= self.closes:
            raise ValueError("opens must be earlier than closes")
        return self


class TeamEntry(Model):
    """One entry of ``teams.yaml``: who owns a kind of exception. Mailboxes of a role, never of a person."""

    name: Text
    mailbox: Mailbox
    timezone: Zone
    hours: OfficeHours
