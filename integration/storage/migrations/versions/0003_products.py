"""Products have contents, prices and images, and guardrails and shadows are remembered."""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('approval',
    sa.Column('guard', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('retailer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('value', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('guard', 'retailer', 'sku', 'value')
    )
    op.create_table('guarded_move',
    sa.Column('guard', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('retailer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('window', sa.BigInteger(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('guard', 'retailer', 'window', 'sku')
    )
    op.create_table('image_link',
    sa.Column('url', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wrong', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('checked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('check_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('url')
    )
    with op.batch_alter_table('image_link', schema=None) as batch_op:
        batch_op.create_index('image_link_due', ['check_at'], unique=False)

    op.create_table('product',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('snapshot', sa.JSON(), nullable=True),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('read_seq', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('stale_asked', sa.Integer(), nullable=False),
    sa.Column('stale_answered', sa.Integer(), nullable=False),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.Column('turns_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.create_index('product_stale', ['id'], unique=False, sqlite_where=sa.text('stale_asked > stale_answered'), postgresql_where=sa.text('stale_asked > stale_answered'))
        batch_op.create_index('product_turns', ['turns_at'], unique=False)

    op.create_table('product_part',
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('part_id', sa.BigInteger(), nullable=False),
    sa.Column('product_id', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'part_id', 'product_id')
    )
    with op.batch_alter_table('product_part', schema=None) as batch_op:
        batch_op.create_index('product_part_product', ['product_id'], unique=False)

    op.create_table('sent_price',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('retailer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('attribute', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('sent_price', schema=None) as batch_op:
        batch_op.create_index('sent_price_sku', ['retailer', 'sku'], unique=False)

    op.create_table('shadow',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('flow', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('retailer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('listing_id', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('shadow', schema=None) as batch_op:
        batch_op.create_index('shadow_listing', ['flow', 'listing_id'], unique=False)

    op.create_table('stop',
    sa.Column('guard', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('retailer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('guard', 'retailer')
    )
    op.create_table('listing_content',
    sa.Column('listing_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.BigInteger(), nullable=True),
    sa.Column('accepted', sa.JSON(), nullable=False),
    sa.Column('shown', sa.JSON(), nullable=False),
    sa.Column('accepted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('sending', sa.JSON(), nullable=True),
    sa.Column('sending_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('withdrawn', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], ),
    sa.PrimaryKeyConstraint('listing_id')
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('listing_content')
    op.drop_table('stop')
    with op.batch_alter_table('shadow', schema=None) as batch_op:
        batch_op.drop_index('shadow_listing')

    op.drop_table('shadow')
    with op.batch_alter_table('sent_price', schema=None) as batch_op:
        batch_op.drop_index('sent_price_sku')

    op.drop_table('sent_price')
    with op.batch_alter_table('product_part', schema=None) as batch_op:
        batch_op.drop_index('product_part_product')

    op.drop_table('product_part')
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.drop_index('product_turns')
        batch_op.drop_index('product_stale', sqlite_where=sa.text('stale_asked > stale_answered'), postgresql_where=sa.text('stale_asked > stale_answered'))

    op.drop_table('product')
    with op.batch_alter_table('image_link', schema=None) as batch_op:
        batch_op.drop_index('image_link_due')

    op.drop_table('image_link')
    op.drop_table('guarded_move')
    op.drop_table('approval')
