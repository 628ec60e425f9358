"""Guardrails count over the last minutes, unwanted image links can be told, and a product that is edited may rest."""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # A number of a window says nothing of its minutes, and what was counted is over within a window.
    op.execute('DELETE FROM guarded_move')
    with op.batch_alter_table('guarded_move', schema=None) as batch_op:
        batch_op.alter_column('window', new_column_name='minute')
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rests_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('rests_at_most', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table('image_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('used_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    # Nobody knows which are in use: all count as used when they were looked at, and those in use say so again.
    op.execute('UPDATE image_link SET used_until = COALESCE(checked_at, check_at)')
    with op.batch_alter_table('image_link', schema=None) as batch_op:
        batch_op.alter_column('used_until', existing_type=sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.drop_column('rests_at_most')
        batch_op.drop_column('rests_until')
    with op.batch_alter_table('image_link', schema=None) as batch_op:
        batch_op.drop_column('used_until')
    op.execute('DELETE FROM guarded_move')
    with op.batch_alter_table('guarded_move', schema=None) as batch_op:
        batch_op.alter_column('minute', new_column_name='window')
