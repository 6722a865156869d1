"""Drills: a victim played on the real path, and how long everybody took."""
