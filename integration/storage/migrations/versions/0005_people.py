"""What people do with exceptions is kept: acknowledged, assigned, muted; activities, pauses and alerts.

And what they look for is found by an index, however many orders and listings there are.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

TEXT, MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('cause', schema=None) as batch_op:
        batch_op.add_column(sa.Column('acknowledged_by', TEXT(), nullable=True))
        batch_op.add_column(sa.Column('acknowledged_at', MOMENT(), nullable=True))
        batch_op.add_column(sa.Column('assigned_to', TEXT(), nullable=True))
        batch_op.add_column(sa.Column('muted_until', MOMENT(), nullable=True))
        batch_op.add_column(sa.Column('impact', sa.JSON(), nullable=True))
    op.create_table('activity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', MOMENT(), nullable=False),
    sa.Column('by', TEXT(), nullable=False),
    sa.Column('door', TEXT(), nullable=False),
    sa.Column('verb', TEXT(), nullable=False),
    sa.Column('about', TEXT(), nullable=False),
    sa.Column('subject', TEXT(), nullable=False),
    sa.Column('reason', TEXT(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.create_index('activity_about', ['about', 'subject', 'id'], unique=False)
        batch_op.create_index('activity_by', ['by', 'id'], unique=False)
    op.create_table('pause',
    sa.Column('flow', TEXT(), nullable=False),
    sa.Column('retailer', TEXT(), nullable=False),
    sa.Column('by', TEXT(), nullable=False),
    sa.Column('reason', TEXT(), nullable=False),
    sa.Column('at', MOMENT(), nullable=False),
    sa.PrimaryKeyConstraint('flow', 'retailer')
    )
    op.create_table('alert',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cause_id', sa.Integer(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('level', TEXT(), nullable=False),
    sa.Column('recipient', TEXT(), nullable=False),
    sa.Column('due_at', MOMENT(), nullable=False),
    sa.Column('made_at', MOMENT(), nullable=False),
    sa.Column('sent_at', MOMENT(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('last_error', TEXT(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('cause_id', 'times', 'level', 'recipient')
    )
    with op.batch_alter_table('alert', schema=None) as batch_op:
        batch_op.create_index('alert_unsent', ['sent_at'], unique=False)
    op.create_table('pulse',
    sa.Column('minute', sa.BigInteger(), nullable=False),
    sa.Column('at', MOMENT(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('minute')
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.create_index('listing_agreed', ['retailer', 'agreed_at'], unique=False)
        batch_op.drop_index('listing_sku')
        batch_op.create_index('listing_sku', ['sku', 'part_number'], unique=False)
    with op.batch_alter_table('marketplace_order', schema=None) as batch_op:
        batch_op.create_index('order_received', ['retailer', 'received_at'], unique=False)
        batch_op.create_index('order_of_retailer', ['retailer', 'id', 'state', 'rehearsal'], unique=False)
        batch_op.create_index('order_reference', ['reference', 'id'], unique=False)
        batch_op.drop_index('ix_marketplace_order_reference')
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.create_index('order_line_sku', ['sku', 'order_id'], unique=False)
        batch_op.create_index('order_line_part_number', ['part_number', 'order_id'], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.drop_index('order_line_part_number')
        batch_op.drop_index('order_line_sku')
    with op.batch_alter_table('marketplace_order', schema=None) as batch_op:
        batch_op.create_index('ix_marketplace_order_reference', ['reference'], unique=False)
        batch_op.drop_index('order_reference')
        batch_op.drop_index('order_of_retailer')
        batch_op.drop_index('order_received')
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_index('listing_sku')
        batch_op.create_index('listing_sku', ['sku'], unique=False)
        batch_op.drop_index('listing_agreed')
    op.drop_table('pulse')
    op.drop_table('alert')
    op.drop_table('pause')
    op.drop_table('activity')
    with op.batch_alter_table('cause', schema=None) as batch_op:
        for name in ('impact', 'muted_until', 'assigned_to', 'acknowledged_at', 'acknowledged_by'):
            batch_op.drop_column(name)
