"""Starts every process of the hotline, keeps them running and ends them: ``python -m bot.run``."""
