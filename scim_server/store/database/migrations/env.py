"""Runs migrations on the connection that `store.database.schema` provides."""

from alembic import context

from scim_server.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # To change a table, SQLite must copy the table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
