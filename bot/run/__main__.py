"""``python -m bot.run``: start everything, keep it running, stop it on Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading

from pydantic import ValidationError

from bot.run import checks, services, state
from bot.run.startup import Startup
from bot.run.supervisor import StartError, StoppedError, Supervisor
from bot.run.terminal import Terminal
from storage.servers.guarded import FolderLock, Guard, LockedError
from storage.servers.server import EmbeddedError
from storage.settings import Settings, SettingsError, load


def main() -> int:
    """Run the hotline until asked to stop; 0 after a clean stop, 1 when it could not start or was forced."""
    terminal = Terminal()
    try:
        settings = load()
        lock = FolderLock(settings.data_dir / "run.lock")
        lock.take()
    except (SettingsError, ValidationError, LockedError) as error:
        terminal.say(f"cannot start: {error}")
        return 1
    taken = occupied(settings)
    if taken:
        terminal.say("\n".join(taken))
        return 1
    return supervise(settings, lock, terminal)


def occupied(settings: Settings) -> list[str]:
    """A sentence for every port that someone else uses."""
    return [
        f"cannot start: port {port} is in use. Stop the program that uses it, or choose another port "
        f"with HOTLINE_{name.upper()}_PORT"
        for name, port in services.ports(settings).items()
        if not checks.port_free(settings.bind, port)
    ]


def supervise(settings: Settings, lock: FolderLock, terminal: Terminal) -> int:
    """Start, keep and stop; the starting happens in a thread, so that signals are heard meanwhile."""
    state.remove(settings.data_dir)  # a killed run's
    supervisor = Supervisor(settings.data_dir, Guard(lock), terminal)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in force
            signal.signal(number, supervisor.ask_to_stop)
    startup = Startup(supervisor, settings)
    supervisor.changed = startup.write_state
    supervisor.heed = startup.model.heed
    failed: list[str] = []

    def start() -> None:
        try:
            startup.bring_up()
        except StoppedError:
            return
        except (StartError, EmbeddedError) as error:
            failed.append(f"\ncannot start: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the children must be ended
            failed.append(f"\ncannot start: {type(error).__name__}: {error}")

    starter = threading.Thread(target=start)
    starter.start()
    supervisor.keep(until=lambda: bool(failed))
    terminal.say(failed[0] if failed else "\nstopping …")
    supervisor.stopping = True
    starter.join()
    startup.model.join()
    supervisor.stop()
    state.remove(settings.data_dir)
    if not failed:
        terminal.say("stopped")
    return 1 if failed or supervisor.forced else 0


if __name__ == "__main__":
    sys.exit(main())
