"""Everything the hotline says to residents, one catalogue per feature."""
