"""What an operator does beside serving: each module is one noun of the command line."""
