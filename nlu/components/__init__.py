"""Our own Rasa graph components; they run in Rasa's environment (Python 3.10)."""
