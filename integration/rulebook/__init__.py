"""What operations may decide is data in one versioned rulebook, checked before anything relies on it."""

from integration.rulebook.book import Rulebook, RulebookError
from integration.rulebook.documents import Calendar, CarrierRow
from integration.rulebook.retailer import Promise, Retailer, Stock

__all__ = ["Calendar", "CarrierRow", "Promise", "Retailer", "Rulebook", "RulebookError", "Stock"]
