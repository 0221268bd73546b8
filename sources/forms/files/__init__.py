"""The files that agencies send, as rows of cells: guarded, parsed once, nothing interpreted."""
