"""PostgreSQL: the only SQL. Rows in, domain values out; rows never leave this package."""
