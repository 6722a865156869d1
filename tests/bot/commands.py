"""Running ``python -m bot …`` in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from bot.cli.main import cli
from storage import settings as settings_module


def run(environment: dict[str, str], *arguments: str) -> Result:
    """A command on the settings of an environment, as it is called."""
    settings_module.current.cache_clear()
    try:
        return CliRunner().invoke(cli, arguments, env=environment, prog_name="python -m bot")
    finally:
        settings_module.current.cache_clear()
