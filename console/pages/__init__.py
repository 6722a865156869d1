"""What a page shows, read from the records: plain values, already in words."""
