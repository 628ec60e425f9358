"""The pages of the console, one module each: it shows what flows know and calls what flows do, and decides nothing."""

from integration.web.console import activity, exceptions, manual, mappings, orders, retailers, skus, today
from integration.web.part import Part

PAGES: tuple[Part, ...] = (today, exceptions, orders, skus, mappings, retailers, activity, manual)
"""The login is beside them: it is for those who are not in yet."""
