"""The authority: decides every write once, in one order, and tells everyone."""
