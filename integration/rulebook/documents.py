"""The mapping documents that retailers share: carriers, SKU overrides, stock buffers, calendars and teams."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Annotated

import holidays
from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from integration.kinds import Severity
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


def _known_country(code: str) -> str:
    if code not in holidays.list_supported_countries():
        raise ValueError("must be the ISO code of a country whose bank holidays are known, such as GB")
    return code


class ClosedDay(Model):
    """A day off that is no bank holiday: the warehouse's stocktaking, a one-off holiday the library lacks yet."""

    day: date
    name: Text


class Calendar(Model):
    """One entry of ``calendars.yaml``: who works on which days.

    Bank holidays are those of `country` and `subdivision` in the library ``holidays`` (null = of the whole country);
    `closed` names further days off, and may be empty.
    """

    country: Annotated[Text, AfterValidator(_known_country)]
    subdivision: Text | None
    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    closed: tuple[ClosedDay, ...]

    @field_validator("subdivision")
    @classmethod
    def _known_subdivision(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is None or (country := info.data.get("country")) is None:
            return code
        known = holidays.list_supported_countries(include_aliases=False).get(country, [])
        if code not in known:
            parts = f"{', '.join(known)} or null" if known else "null"
            raise ValueError(f"must be {parts}; no bank holidays are known for {code} in {country}")
        return code

    def is_working_day(self, day: date) -> bool:
        """Whether somebody works on that day."""
        return _WEEKDAYS[day.weekday()] in self.working_days and self.day_off(day) is None

    def day_off(self, day: date) -> str | None:
        """What the day is called where it is a bank holiday or closed, whatever its weekday; None for all others."""
        return self._closed.get(day) or _bank_holidays(self.country, self.subdivision, day.year).get(day)

    @cached_property
    def _closed(self) -> dict[date, str]:
        return {closed.day: closed.name for closed in self.closed}


@lru_cache(maxsize=512)
def _bank_holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    # A plain copy for one year: the library's own object grows while it is read, which threads must not share.
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))


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


class Channel(Model):
    """Where a team is told of exceptions; the address behind it is the setting ``ALERT_<NAME>_URL``, never a mapping.

    `least`: the least severe exceptions that it takes. `digest`: whether it takes the summary of each morning.
    """

    name: Code
    least: Severity
    digest: bool


class TeamEntry(Model):
    """One entry of ``teams.yaml``: who owns a kind of exception. Mailboxes of a role, never of a person.

    Outside its `hours` a team is told only of what must be acted on now; the rest waits until it opens.
    """

    name: Text
    mailbox: Mailbox
    timezone: Zone
    hours: OfficeHours
    # Not required: versions that were published before there were channels stay readable.
    channels: tuple[Channel, ...] = ()

    @field_validator("channels")
    @classmethod
    def _told_once(cls, channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
        if len({channel.name for channel in channels}) < len(channels):
            raise ValueError("a channel is named twice, so it would be told everything twice")
        return channels
