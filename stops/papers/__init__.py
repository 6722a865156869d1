"""Papers made from a card: the application for a stop, a summary of the case, the evidence in one bundle."""
