"""Moving a whole store to another place, on the same engine or another, and telling whether two stores are the same."""
