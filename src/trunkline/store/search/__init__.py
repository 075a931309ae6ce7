"""What the search indexes of all engines have in common: the forms of values, what a query needs, pieces of SQL."""
