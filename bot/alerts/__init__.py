"""Reaching staff outside the console, and the look at the ladders that decides when."""
