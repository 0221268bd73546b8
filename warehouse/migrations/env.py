"""Alembic's environment: it runs on the connection that `warehouse.migrate` hands over."""

from alembic import context

from warehouse.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema="audit",
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name in {"raw", "audit", "published"},
)
with context.begin_transaction():
    context.run_migrations()
