"""Where things lie: the configuration and the state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import mailhours

LEDGER = "ledger.db"
# In the state of a demo: the moment at which its story ended.
STOPPED_CLOCK = "stopped-clock"


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return where the ledger lives: $STATE_DIRECTORY, /var/lib/mailhours, $XDG_STATE_HOME."""
    given = environ.get("STATE_DIRECTORY", "")
    if given:
        return Path(given.split(":")[0])
    system = Path("/var/lib/mailhours")
    if system.is_dir():
        return system
    home = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME", "~")) / ".local/state")
    return Path(home).expanduser() / "mailhours"


def configuration_directory(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the configuration directory: given, $MAILHOURS_CONFIG, /etc, or at home."""
    if given is not None:
        return given
    if environ.get("MAILHOURS_CONFIG"):
        return Path(environ["MAILHOURS_CONFIG"])
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "~")) / ".config")
    places = (Path("/etc/mailhours"), home.expanduser() / "mailhours")
    return next((place for place in places if place.is_dir()), places[1])


def packaged(folder: str) -> Path:
    """Return the `config` or `systemd` that came with the program, in a wheel or a checkout."""
    package = Path(mailhours.__file__).parent
    inside = package / "_data" / folder
    return inside if inside.is_dir() else package.parents[1] / folder
