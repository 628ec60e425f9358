"""What looks like a mistake is told from trade by plain shares, and every judgement comes with its numbers."""

from decimal import ROUND_UP, Decimal, localcontext

from integration.rulebook.retailer import Guardrails


def jump(before: Decimal, after: Decimal, rails: Guardrails) -> str | None:
    """Words for a price that moves further in one step than the profile allows, None where it may.

    :param before: what the retailer shows, above zero; without a price before there is no step.
    """
    if before <= 0:
        return None
    percent = abs(after - before) * 100 / before
    allowed = rails.price_fall_percent if after < before else rails.price_rise_percent
    if percent <= allowed:
        return None
    verb = "falls" if after < before else "rises"
    with localcontext(rounding=ROUND_UP):  # so that the sentence never says "50.0 % where 50 % are allowed"
        return f"{verb} from {before} to {after}, {percent:.1f} % in one step where {allowed} % are allowed"


def is_mass(moves: int, live: int, percent: int, least: int) -> bool:
    """Whether `moves` of `live` listings are more than a share; fewer than `least` never are."""
    return moves >= least and moves * 100 > live * percent


def is_short(now: int, before: int, percent: int) -> bool:
    """Whether a reading has less than a share of the rows of the one before."""
    return now * 100 < before * percent
