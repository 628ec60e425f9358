"""A PostgreSQL database of a merchant that has been busy for months, with thousands of exceptions that are open.

Rows are made where they are kept: a million of them take seconds, and as many by the product would take hours.
"""

from datetime import datetime

import sqlalchemy as sa

from benchmarks.plan import Plan
from integration.storage import Store

DAYS = 120
RETAILERS = "(ARRAY['northgate', 'calder', 'fernhill'])[n % 3 + 1]"
MARKET, WAREHOUSE = 3, 1
"""The market of all three retailers, and the warehouse that serves it."""
HELD_KIND, HELD_STEP, GATE = "content-invalid", "products.push", "virtualstock:northgate"
"""The exceptions that are open, the work behind each, and the quota that it spends."""

_PLANNED = f"""
CREATE TEMPORARY TABLE planned AS
SELECT n, {RETAILERS} AS retailer, upper(left({RETAILERS}, 1)) || lpad(n::text, 8, '0') AS reference,
       CAST(:now AS timestamptz) - interval '{DAYS} days' * (1 - n::float / :orders) AS at,
       n <= :orders * 0.98 AS over, 'SKU-' || lpad((n * 7 % :skus + 1)::text, 6, '0') AS sku,
       'P' || (n * 7 % :skus + 1) AS part_number, 10000 + n AS number
FROM generate_series(1, :orders) n
"""
_ORDERS = """
INSERT INTO marketplace_order (id, retailer, reference, virtualstock_id, raw, received_at, state, rehearsal,
    centra_number, placed_at, confirmed_at, acknowledged_at)
SELECT n, retailer, reference, n, json_build_object(
        'order_reference', reference, 'status', 'ORDER', 'currency_code', 'GBP', 'total', '42.00',
        'items', json_build_array(json_build_object('line_reference', '1', 'part_number', part_number, 'quantity', 1)),
        'shipping_address', json_build_object('full_name', 'A. Shopper', 'city', 'Leeds'), 'note', repeat('x', 1000)),
    at, CASE WHEN over THEN 'dispatched' ELSE 'acknowledged' END, false, number, at + interval '20 seconds',
    at + interval '25 seconds', at + interval '30 seconds'
FROM planned ORDER BY n
"""
_LINES = """
INSERT INTO order_line (order_id, line_reference, part_number, sku, quantity, state, dispatched, cancelled,
    centra_line_id, centra_cancelled, short)
SELECT n, '1', part_number, sku, 1, CASE WHEN over THEN 'dispatched' ELSE 'acknowledged' END, over::int, 0, number, 0, 0
FROM planned ORDER BY n
"""
_DEADLINES = """
INSERT INTO deadline (order_id, clock, started_at, due_at, passed, next_mark_at, met_at)
SELECT n, clock, at, at + hours * interval '1 hour', 0, at + hours * interval '45 minutes',
    CASE WHEN over OR clock = 'acknowledge' THEN at + interval '30 minutes' END
FROM planned CROSS JOIN (VALUES ('acknowledge', 24), ('dispatch', 2000)) clocks (clock, hours) ORDER BY n
"""
# As Python writes JSON: what is looked for in it is looked for as text.
_ANNOUNCEMENTS = """
INSERT INTO announcement (shipment_id, order_id, number, snapshot, items, announced_at)
SELECT number, n, number || '-1', json_build_object('id', number, 'tracking_number', 'TR' || number,
        'rest', repeat('x', 400)),
    ('[{"line_ref"' || ': "1", "quantity"' || ': 1, "carrier"' || ': "dpd", "tracking_number"' || ': "TR' || number
        || '"}]')::json, at + interval '6 hours'
FROM planned WHERE over ORDER BY n
"""
_ORDER_WORK = """
INSERT INTO work_item (step, subject, gate, lane, asked, answered, opened_at, due_at, tries, held, done_at)
SELECT step, retailer || '/' || CASE step WHEN 'dispatches.announce' THEN number::text ELSE reference END,
    CASE WHEN step IN ('orders.place', 'orders.confirm') THEN 'centra' ELSE 'virtualstock' || ':' || retailer END,
    'orders', 1, 1, at, at, 0, false, at
FROM planned
CROSS JOIN (VALUES ('orders.place'), ('orders.confirm'), ('orders.acknowledge'), ('dispatches.announce')) steps (step)
WHERE over OR step <> 'dispatches.announce' ORDER BY n
"""
_TIMELINE = f"""
INSERT INTO timeline (at, about, subject, what, facts)
SELECT at + step * interval '5 seconds', 'order', retailer || '/' || reference, what, json_build_object('n', n)
FROM planned CROSS JOIN (VALUES (1, 'received'), (2, 'placed'), (3, 'confirmed'), (4, 'acknowledged'),
                                (5, 'dispatched')) told (step, what)
UNION ALL
SELECT CAST(:now AS timestamptz) - interval '{DAYS} days' * (1 - n::float / (:entries - 5 * :orders)), 'sku',
    'SKU-' || lpad((n % :skus + 1)::text, 6, '0'), 'stock accepted',
    json_build_object('retailer', {RETAILERS}, 'quantity', n % 90)
FROM generate_series(1, :entries - 5 * :orders) n
ORDER BY 1
"""
_SIZES = """
INSERT INTO size (id, sku, ean, variant_id, snapshot, read_seq, read_at, stale_asked, stale_answered, gone)
SELECT n, 'SKU-' || lpad(n::text, 6, '0'), (5000000000000 + n)::text, n / 5,
    json_build_object('id', n, 'sku', 'SKU-' || lpad(n::text, 6, '0'), 'ean', (5000000000000 + n)::text,
        'variant_id', n / 5, 'stock_offset', 0, 'stock', json_build_array(json_build_object(
            'warehouse_id', CAST(:warehouse AS int), 'free_to_allocate', n % 90))),
    1, CAST(:now AS timestamptz) - n % 3600 * interval '1 second', 0, 0, false
FROM generate_series(1, :skus) n
"""
_LISTINGS = """
INSERT INTO listing (id, retailer, product_id, part_number, sku, size_id, agreed, agreed_seq, agreed_at, seen_at, gone)
SELECT (code_number - 1) * :skus + n, code, n, 'P' || n, 'SKU-' || lpad(n::text, 6, '0'), n, n % 90, 1,
    CAST(:now AS timestamptz) - (n * 7919 % 2592000) * interval '1 second', :now, false
FROM generate_series(1, :skus) n
CROSS JOIN (VALUES (1, 'northgate'), (2, 'calder'), (3, 'fernhill')) codes (code_number, code)
ORDER BY 1
"""
_CONTENTS = """
INSERT INTO listing_content (listing_id, category_id, accepted, shown, accepted_at, withdrawn)
SELECT id, 5544, attributes, attributes, seen_at, false
FROM listing CROSS JOIN LATERAL (SELECT json_build_object(
    'title', 'Article ' || sku, 'colour', 'Navy', 'description', repeat('Soft and warm. ', 15)) AS attributes) made
"""
_PUSHES = """
INSERT INTO work_item (step, subject, gate, lane, asked, answered, opened_at, due_at, tries, held, done_at)
SELECT 'stock.push', retailer || '/' || sku, 'virtualstock' || ':' || retailer, 'stock', 1, 1, agreed_at, agreed_at, 0,
    false, agreed_at
FROM listing ORDER BY id
"""
_HELD = """
INSERT INTO work_item (step, subject, gate, lane, asked, answered, opened_at, due_at, tries, held, last_error)
SELECT :step, 'northgate/SKU-' || lpad(n::text, 6, '0'), :gate, 'catalogue', 1, 0,
    CAST(:now AS timestamptz) - n * interval '30 seconds', :now, 0, true, 'title is too long'
FROM generate_series(1, :held) n
"""
_CAUSES = """
INSERT INTO cause (kind, key, owner, severity, sentence, facts, opened_at, last_seen_at, due_at, closed_at, closed_by,
    times, impact)
SELECT CAST(:kind AS text), 'northgate/SKU-' || lpad(n::text, 6, '0'), 'catalogue', 'today',
    'The attribute title of Northgate & Co is too long, for example of SKU-' || lpad(n::text, 6, '0') || '.',
    json_build_object('sku', 'SKU-' || n, 'attribute', 'title'), CAST(:now AS timestamptz) - n * interval '30 seconds',
    :now, CAST(:now AS timestamptz) + (72 * 3600 - n * 30) * interval '1 second', NULL, NULL, 1,
    json_build_object('items', 1, 'orders', 0, 'units', 0, 'skus', 1, 'money', json_build_object(), 'deadline', NULL,
        'until', CAST(:now AS timestamptz) + (72 * 3600 - n * 30) * interval '1 second')
FROM generate_series(1, :held) n
UNION ALL
SELECT 'tracking-missing', retailer || '/' || reference, 'warehouse', 'today', 'The shipment has no tracking number.',
    json_build_object('reference', reference), at, at, at + interval '8 hours', at + interval '2 hours',
    'the work was done', 1, NULL
FROM planned WHERE over AND n % 5 = 0
"""
_HOLDS = """
INSERT INTO hold (work_item_id, cause_id)
SELECT work_item.id, cause.id FROM cause JOIN work_item ON work_item.step = :step AND work_item.subject = cause.key
WHERE cause.kind = :kind
"""
_ACTIVITY = f"""
INSERT INTO activity (at, by, door, verb, about, subject, reason, facts)
SELECT CAST(:now AS timestamptz) - interval '{DAYS} days' * (1 - n::float / (:held * 4)), 'person-' || n % 12,
    'console', 'retried', 'cause', n::text, 'mended in Centra', json_build_object('items', n % 50)
FROM generate_series(1, :held * 4) n
"""
# The newest of every opening is told, as it would be after hours.
_ALERTS = """
INSERT INTO alert (cause_id, times, level, recipient, due_at, made_at, sent_at, tries)
SELECT id, 1, level, owner || '/' || owner, opened_at, opened_at, opened_at, 1
FROM cause CROSS JOIN (VALUES ('opened'), ('near'), ('late')) levels (level) WHERE level = 'opened' OR closed_at IS NULL
"""
_PULSES = """
INSERT INTO pulse (minute, at, facts)
SELECT extract(epoch FROM CAST(:now AS timestamptz))::bigint / 60 - n,
    CAST(:now AS timestamptz) - n * interval '1 minute',
    json_build_object('quotas', json_build_object('centra', 0.4, 'virtualstock' || ':' || 'northgate', n % 10 / 10.0),
        'ages', json_build_object('stock', n, 'orders', 2 * n, 'products', 3 * n),
        'lanes', json_build_object('orders', n, 'stock', 5 * n))
FROM generate_series(1, 60) n
"""
_TICKS = """
INSERT INTO tick (job, "window", at)
SELECT 'job-' || job, n, CAST(:now AS timestamptz) - n * interval '1 minute'
FROM generate_series(0, :ticks) n CROSS JOIN generate_series(1, 30) job
"""
_MARKET = "INSERT INTO market_warehouse (market_id, warehouse_id) VALUES (:market, :warehouse)"
_STATEMENTS = (
    _PLANNED, _ORDERS, _LINES, _DEADLINES, _ANNOUNCEMENTS, _ORDER_WORK, _TIMELINE, _SIZES, _LISTINGS, _CONTENTS,
    _PUSHES, _HELD, _CAUSES, _HOLDS, _ACTIVITY, _ALERTS, _PULSES, _TICKS, _MARKET,
    "SELECT setval('marketplace_order_id_seq', :orders), setval('listing_id_seq', 3 * :skus)",
)  # fmt: skip
_GUARDED = """
WITH items AS (
    INSERT INTO work_item (step, subject, gate, lane, asked, answered, opened_at, due_at, tries, held, last_error)
    SELECT 'stock.push', :retailer || '/GUARD-' || lpad(n::text, 6, '0'), 'virtualstock' || ':' || :retailer, 'stock',
        1, 0, CAST(:now AS timestamptz) - n * interval '1 second', :now, 0, true, 'stopped by a guardrail'
    FROM generate_series(1, :items) n RETURNING id
), causes AS (
    INSERT INTO cause (kind, key, owner, severity, sentence, facts, opened_at, last_seen_at, due_at, times)
    VALUES ('zero-guard', :retailer, 'operations', 'act now', 'Stock that falls to zero is stopped.', '{}'::json,
        CAST(:now AS timestamptz) - interval '2 minutes', :now, CAST(:now AS timestamptz) + interval '1 hour', 1)
    RETURNING id
), holds AS (
    INSERT INTO hold (work_item_id, cause_id) SELECT items.id, causes.id FROM items CROSS JOIN causes
)
SELECT id FROM causes
"""


def fill(store: Store, plan: Plan, now: datetime) -> None:
    """Store a past that is as large as planned, and its open exceptions, each with one piece of work behind it."""
    given = {
        "now": now, "orders": plan.console_orders, "skus": plan.console_skus, "entries": plan.console_entries,
        "held": plan.console_held, "ticks": plan.console_skus // 25, "kind": HELD_KIND, "step": HELD_STEP, "gate": GATE,
        "market": MARKET, "warehouse": WAREHOUSE,
    }  # fmt: skip
    with store.engine.connect() as db, db.begin():
        for words in _STATEMENTS:
            statement = sa.text(words)
            db.execute(statement, {name: given[name] for name in statement.compile().params})
    _settle(store)


def stopped(store: Store, retailer: str, items: int, now: datetime) -> int:
    """A guardrail has stopped this much work of a retailer. Returns the id of its cause."""
    with store.engine.connect() as db, db.begin():
        found = db.scalar(sa.text(_GUARDED), {"retailer": retailer, "items": items, "now": now})
    _settle(store)
    return int(found)


def _settle(store: Store) -> None:
    """As autovacuum leaves it: the planner knows how much there is."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("VACUUM ANALYZE")
