"""What every room stands on: settings, time, the database with its schema and roles, ledgers of builds."""
