"""The database: settings, clock, connections, embedded server, raw schema and migrations, roles."""
