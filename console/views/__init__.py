"""The routes: parse, authorise, call, render."""
