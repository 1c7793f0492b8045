"""The unit of systemd for this very installation: which file goes where, with which paths."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailhours.model.faults import ConfigurationFault, UsageFault
from mailhours.model.server import Server
from mailhours.service.places import packaged
from mailhours.settings.load import load
from mailhours.settings.values import Settings

SYSTEM = Path("/etc/mailhours")
_CREDENTIALS = SYSTEM / "credentials"
# ProtectHome=yes hides these from the service.
_HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"))


@dataclass(frozen=True, slots=True)
class File:
    """One file to be written."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Installation:
    """What is written, what the owner says next, and what deserves attention first."""

    files: tuple[File, ...]
    commands: tuple[str, str]
    notes: tuple[str, ...] = ()


def of_machine(
    program: Path, interpreter: Path, directory: Path, environ: Mapping[str, str], prefix: Path
) -> Installation:
    """Return the service of the machine that runs `program` for the configuration in `directory`.

    UsageFault when the unit's sandbox would hide what it needs.
    """
    directory = directory.absolute()
    for path in (program, interpreter, directory):
        if any(path.is_relative_to(hidden) for hidden in _HIDDEN):
            raise UsageFault(
                f"{path}: the service of the machine cannot see what lies in a home",
                hint="install it below /opt and keep its files in /etc/mailhours, or use --user",
            )
    unit = _text("mailhours.service")
    unit = _with_program(unit, program, "%E/mailhours" if directory == SYSTEM else directory)
    names, notes = _credentials(directory, environ)
    if names is not None:
        unit = _with_credentials(unit, names)
        notes = (*notes, *_missing(names))
    return Installation(
        (
            File(prefix / "etc/systemd/system/mailhours.service", unit),
            File(prefix / "etc/sysusers.d/mailhours.conf", _text("mailhours.sysusers")),
        ),
        (
            "sudo systemd-sysusers && sudo systemctl daemon-reload",
            "sudo systemctl enable --now mailhours",
        ),
        notes,
    )


def of_user(program: Path, directory: Path, environ: Mapping[str, str]) -> Installation:
    """Return the service that runs while its owner is logged in."""
    home = Path(environ.get("HOME", "~")).expanduser()
    units = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "systemd/user"
    unit = _with_program(_text("mailhours-user.service"), program, directory.absolute())
    names, notes = _credentials(directory, environ)
    if names:
        what = f"credential:{min(names)} works in a service of the machine only"
        notes = (*notes, f"{what}; write file:PATH or keyring:SERVICE in its place")
    return Installation(
        (File(units / "mailhours.service", unit),),
        ("systemctl --user daemon-reload", "systemctl --user enable --now mailhours"),
        notes,
    )


def write(file: File) -> bool:
    """Write one file; a different one that stood there is kept beside it as `NAME.old`.

    Return whether anything changed. UsageFault when it cannot be written.
    """
    try:
        old = file.path.read_text(encoding="utf-8") if file.path.exists() else None
        if old == file.text:
            return False
        file.path.parent.mkdir(parents=True, exist_ok=True)
        if old is not None:
            file.path.with_name(f"{file.path.name}.old").write_text(old, encoding="utf-8")
        file.path.write_text(file.text, encoding="utf-8")
        file.path.chmod(0o644)
    except OSError as error:
        raise UsageFault(
            f"{file.path}: cannot be written: {error.strerror}",
            hint="run it with sudo, or with --user, or see what it would write with --print",
        ) from error
    return True


def _text(name: str) -> str:
    return (packaged("systemd") / name).read_text(encoding="utf-8")


def _with_program(unit: str, program: Path, directory: Path | str) -> str:
    words = " ".join(_quoted(word) for word in (program, "run", "--config", directory))
    return re.sub(r"(?m)^ExecStart=.*$", lambda _: f"ExecStart={words}", unit)


def _quoted(word: object) -> str:
    """Write a word as systemd reads it (systemd.service(5)); %E is a specifier and stays."""
    text = str(word)
    if text != "%E/mailhours":
        text = text.replace("%", "%%").replace("$", "$$")
    return text if shlex.quote(text).strip("'") == text and " " not in text else f'"{text}"'


def _with_credentials(unit: str, names: Collection[str]) -> str:
    lines = [f"LoadCredential={name}:{_CREDENTIALS / name}" for name in sorted(names)]
    kept = [line for line in unit.splitlines() if not line.startswith("LoadCredential=")]
    at = next(n for n, line in enumerate(kept) if line.startswith("# Passwords,"))
    return (
        "\n".join([*kept[: at + 1], *(lines or ["# (none is referred to)"]), *kept[at + 1 :]])
        + "\n"
    )


def _missing(names: Collection[str]) -> Iterator[str]:
    for name in sorted(names):
        path = _CREDENTIALS / name
        if not path.exists():
            yield f"put the password into {path} (chmod 600): the service does not start without it"


def _credentials(
    directory: Path, environ: Mapping[str, str]
) -> tuple[frozenset[str] | None, tuple[str, ...]]:
    """Return the credentials that the files refer to; None when they cannot be read."""
    try:
        settings = load(directory, environ)
    except ConfigurationFault as fault:
        more = f" and {len(fault.problems) - 1} more" if len(fault.problems) > 1 else ""
        return None, (f"the configuration is not ready: {fault.problems[0]}{more}",)
    found = set()
    for server in _servers(settings):
        for secret in (server.password, server.token):
            scheme, _, name = (secret.reference if secret else "").partition(":")
            if scheme == "credential":
                found.add(name)
    return frozenset(found), ()


def _servers(settings: Settings) -> Iterator[Server]:
    yield from (m.server for m in settings.mailboxes if m.server is not None)
    if settings.submission is not None:
        yield settings.submission
