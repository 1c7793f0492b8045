"""What alembic runs: on the connection it is handed, inside the caller's transaction."""

from alembic import context

from mailhours.ledger import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
