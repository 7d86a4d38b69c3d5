"""Which stored weight belongs to which variable of a layer."""
