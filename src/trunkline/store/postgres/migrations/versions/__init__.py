"""One module for each step, and the SQL that it runs beside it."""
