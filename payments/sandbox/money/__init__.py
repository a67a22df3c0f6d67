"""Everything that moves money, over one set of double-entry books."""
