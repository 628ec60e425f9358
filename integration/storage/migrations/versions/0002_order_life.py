"""Lines have states, and orders have returns, invoices and deadlines."""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('deadline',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('clock', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('passed', sa.Integer(), nullable=False),
    sa.Column('next_mark_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('met_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('missed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['marketplace_order.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('order_id', 'clock')
    )
    with op.batch_alter_table('deadline', schema=None) as batch_op:
        batch_op.create_index('deadline_running', ['next_mark_at'], unique=False, sqlite_where=sa.text('met_at IS NULL'), postgresql_where=sa.text('met_at IS NULL'))

    op.create_table('invoice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('sending_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('accepted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('replaced_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['marketplace_order.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number'),
    sa.UniqueConstraint('order_id', 'attempt')
    )
    op.create_table('centra_return',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('units', sa.JSON(), nullable=False),
    sa.Column('completed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['marketplace_order.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('centra_return', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_centra_return_order_id'), ['order_id'], unique=False)

    op.create_table('marketplace_return',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('retailer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=True),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('part_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('acknowledging_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('acknowledged_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('centra_return_id', sa.BigInteger(), nullable=True),
    sa.Column('back_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['marketplace_order.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('marketplace_return', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_marketplace_return_centra_return_id'), ['centra_return_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_marketplace_return_order_id'), ['order_id'], unique=False)
        batch_op.create_index('return_not_over', ['retailer'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    with op.batch_alter_table('marketplace_order', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rehearsal', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('acknowledged_again_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('backordering_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('cancelling_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('confirming_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index('order_in_flight', ['centra_number'], unique=False, sqlite_where=sa.text("state NOT IN ('dispatched', 'cancelled')"), postgresql_where=sa.text("state NOT IN ('dispatched', 'cancelled')"))

    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='received'))
        batch_op.add_column(sa.Column('moved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('state_before', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('cancelled', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('cancel_asked', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('centra_cancelled', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('short', sa.Integer(), nullable=False, server_default='0'))
        batch_op.alter_column('sku',
               existing_type=sa.VARCHAR(),
               nullable=True)

    with op.batch_alter_table('announcement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('told_with', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('unclear_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('differs', sa.JSON(), nullable=True))

    with op.batch_alter_table('marketplace_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_marketplace_order_reference'), ['reference'], unique=False)
        batch_op.create_index('order_unplaced', ['placed_at'], unique=False, sqlite_where=sa.text("placed_at IS NULL AND state NOT IN ('dispatched', 'cancelled')"), postgresql_where=sa.text("placed_at IS NULL AND state NOT IN ('dispatched', 'cancelled')"))

    with op.batch_alter_table('announcement', schema=None) as batch_op:
        batch_op.create_index('announcement_told_with', ['told_with'], unique=False, sqlite_where=sa.text('told_with IS NOT NULL'), postgresql_where=sa.text('told_with IS NOT NULL'))

    with op.batch_alter_table('cause', schema=None) as batch_op:
        batch_op.create_index('cause_open', ['kind', 'key'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    with op.batch_alter_table('work_item', schema=None) as batch_op:
        batch_op.create_index('work_item_done', ['step', 'done_at'], unique=False)

    _take_over()
    # The defaults were for the rows that are here already.
    with op.batch_alter_table('marketplace_order') as batch_op:
        batch_op.alter_column('rehearsal', server_default=None)
    with op.batch_alter_table('order_line') as batch_op:
        for name in ('state', 'cancelled', 'centra_cancelled', 'short'):
            batch_op.alter_column(name, server_default=None)


def _take_over() -> None:
    """Lines of the first release have the state that their order implies."""
    op.execute(
        "UPDATE order_line SET state = 'acknowledged' WHERE order_id IN"
        " (SELECT id FROM marketplace_order WHERE acknowledged_at IS NOT NULL)"
    )
    op.execute("UPDATE order_line SET state = 'dispatched' WHERE dispatched >= quantity")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('work_item', schema=None) as batch_op:
        batch_op.drop_index('work_item_done')

    with op.batch_alter_table('cause', schema=None) as batch_op:
        batch_op.drop_index('cause_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    with op.batch_alter_table('marketplace_order', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_marketplace_order_reference'))
        batch_op.drop_index('order_unplaced', sqlite_where=sa.text("placed_at IS NULL AND state NOT IN ('dispatched', 'cancelled')"), postgresql_where=sa.text("placed_at IS NULL AND state NOT IN ('dispatched', 'cancelled')"))

    with op.batch_alter_table('announcement', schema=None) as batch_op:
        batch_op.drop_index('announcement_told_with', sqlite_where=sa.text('told_with IS NOT NULL'), postgresql_where=sa.text('told_with IS NOT NULL'))
        batch_op.drop_column('differs')
        batch_op.drop_column('unclear_at')
        batch_op.drop_column('told_with')

    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.alter_column('sku',
               existing_type=sa.VARCHAR(),
               nullable=False)
        batch_op.drop_column('short')
        batch_op.drop_column('centra_cancelled')
        batch_op.drop_column('cancel_asked')
        batch_op.drop_column('cancelled')
        batch_op.drop_column('state_before')
        batch_op.drop_column('moved_at')
        batch_op.drop_column('state')

    with op.batch_alter_table('marketplace_order', schema=None) as batch_op:
        batch_op.drop_index('order_in_flight', sqlite_where=sa.text("state NOT IN ('dispatched', 'cancelled')"), postgresql_where=sa.text("state NOT IN ('dispatched', 'cancelled')"))
        batch_op.drop_column('confirming_since')
        batch_op.drop_column('cancelling_since')
        batch_op.drop_column('backordering_since')
        batch_op.drop_column('acknowledged_again_at')
        batch_op.drop_column('rehearsal')

    with op.batch_alter_table('marketplace_return', schema=None) as batch_op:
        batch_op.drop_index('return_not_over', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_marketplace_return_order_id'))
        batch_op.drop_index(batch_op.f('ix_marketplace_return_centra_return_id'))

    op.drop_table('marketplace_return')
    with op.batch_alter_table('centra_return', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_centra_return_order_id'))

    op.drop_table('centra_return')
    op.drop_table('invoice')
    with op.batch_alter_table('deadline', schema=None) as batch_op:
        batch_op.drop_index('deadline_running', sqlite_where=sa.text('met_at IS NULL'), postgresql_where=sa.text('met_at IS NULL'))

    op.drop_table('deadline')
