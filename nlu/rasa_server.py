"""Runs ``rasa run`` in Rasa's own Python, with the token from the environment: a command line is open to every user.

``python -m nlu.rasa_server OPTIONS`` takes the options of ``rasa run`` and the token in ``NLU_SERVER_TOKEN``.
"""

from __future__ import annotations

import os
import sys

TOKEN = "NLU_SERVER_TOKEN"  # noqa: S105 - the name of a variable


def main() -> None:
    """Serve until told to stop."""
    token = os.environ.pop(TOKEN, "")
    if not token:
        sys.exit(f"{TOKEN} is empty: the NLU server is never started without a token")
    # What Python reads as arguments is not what the system shows of a process.
    sys.argv = ["rasa", "run", *sys.argv[1:], "--auth-token", token]
    from rasa.__main__ import main as rasa  # type: ignore[import-not-found]

    know_the_empty_domain()
    rasa()


def know_the_empty_domain() -> None:
    """At every parse Rasa asks whether its domain is empty, and builds an empty one to compare: a tenth of the time."""
    from rasa.shared.core.domain import Domain  # type: ignore[import-not-found]

    empty = Domain.empty().as_dict()
    Domain.is_empty = lambda domain: domain.as_dict() == empty


if __name__ == "__main__":
    main()
