"""The store on a PostgreSQL server, for many processes at once; plain, or with its tables spread by Citus."""
