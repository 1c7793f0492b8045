"""Secrets are referred to, never written down: where each comes from, and how it is fetched.

Values are read when they are needed and kept nowhere. No repr, message or traceback holds one:
errors are raised outside the handler, so that not even their context carries what was read.
"""

# ruff: noqa: TRY004 - pydantic takes a ValueError, whatever is wrong with a value

from __future__ import annotations

import importlib
import shlex
import stat
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailhours.model.faults import ConfigurationFault, Problem
from mailhours.model.server import Server
from mailhours.settings.suggestion import did_you_mean

SCHEMES = ("credential", "file", "command", "keyring", "env")
COMMAND_SECONDS = 20
SIZE_LIMIT = 64 * 1024
HOW = '"credential:NAME", "file:PATH", "command:PROGRAM ...", "keyring:SERVICE" or "env:NAME"'


@dataclass(frozen=True, slots=True)
class Reference:
    """A secret as the files name it: a scheme and what follows the colon."""

    scheme: str
    rest: str = field(repr=False)

    def __str__(self) -> str:
        """Write it for people; of a command only the program, its arguments may be private."""
        if self.scheme != "command":
            return f"{self.scheme}:{self.rest}"
        program, *arguments = shlex.split(self.rest)
        return f"command:{program}{' ...' if arguments else ''}"


def reference(written: object) -> Reference:
    """Read a reference; ValueError explains, and never repeats what may be a password."""
    if not isinstance(written, str):
        raise ValueError(f"must be a reference in quotes: {HOW}")
    scheme, colon, rest = written.partition(":")
    if not colon or scheme not in SCHEMES:
        hint = did_you_mean(scheme, SCHEMES) if colon else ""
        raise ValueError(f"a password does not belong in this file; refer to it: {HOW}{hint}")
    rest = rest.strip()
    if not rest or not rest.isprintable():
        raise ValueError(f'nothing usable follows "{scheme}:"; write {HOW}')
    if scheme == "credential" and ("/" in rest or rest in {".", ".."}):
        raise ValueError("a credential is a name, not a path; for a path write file:PATH")
    return command(rest) if scheme == "command" else Reference(scheme, rest)


def command(written: object) -> Reference:
    """Read a program with arguments, as a shell would split it (it is run without one).

    ValueError in plain words when it is none.
    """
    if not isinstance(written, str) or not written.strip():
        raise ValueError('must be a program with its arguments, in quotes: "pass show mail"')
    try:
        words = shlex.split(written)
    except ValueError:
        words = []
    if not words or not written.isprintable():
        raise ValueError("the quotes inside the command do not match")
    return Reference("command", written.strip())


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A `model.server.Secret`: a reference with all that is needed to follow it.

    `place` is where it is written, as a problem that still lacks its words. `directory` is the
    configuration directory, from which relative paths start. `user` is the login that it is for.
    """

    ref: Reference
    user: str
    place: Problem = field(repr=False)
    directory: Path = field(repr=False)
    environ: Mapping[str, str] = field(repr=False, compare=False)

    @property
    def reference(self) -> str:
        """Return where it comes from, for people."""
        return str(self.ref)

    def reveal(self) -> str:
        """Return the value without its line end; ConfigurationFault when it cannot be had."""
        value, trouble = _FETCH[self.ref.scheme](self)
        if not trouble and not value:
            trouble = "is empty"
        if trouble:
            what = f"{self.reference} {trouble}"
            raise ConfigurationFault(
                (Problem(self.place.file, self.place.line, self.place.key, what),)
            )
        return value

    def path(self) -> Path:
        """Return the file that `file:` names; ~ is the home of whoever runs mailhours."""
        return located(self.ref.rest, self.directory, self.environ)


def located(written: str, directory: Path, environ: Mapping[str, str]) -> Path:
    """Return the path that is `written` in a file of `directory`; ~/ is $HOME."""
    home = environ.get("HOME", "")
    if home and (written == "~" or written.startswith("~/")):
        return Path(home) / written[2:]
    return directory / written


def exposed(secret: StoredSecret) -> str:
    """Return a warning when the file of a `file:` secret can be read by others, else nothing."""
    if secret.ref.scheme != "file":
        return ""
    try:
        mode = secret.path().stat().st_mode
    except (OSError, ValueError):
        return ""  # told when it is needed: not everybody who reads settings may see it
    if not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ""
    return f"others can read {secret.reference} (mode {mode & 0o777:04o}); run chmod 600 on it"


def unavailable(servers: Iterable[Server]) -> tuple[Problem, ...]:
    """Return the secrets of `servers` that cannot be had here and now, and why; keeps no value."""
    problems: list[Problem] = []
    for server in servers:
        for secret in (server.password, server.token):
            try:
                _ = secret and secret.reveal()
            except ConfigurationFault as fault:
                problems += fault.problems
    return tuple(dict.fromkeys(problems))


def _credential(secret: StoredSecret) -> tuple[str, str]:
    folder = secret.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return "", "needs $CREDENTIALS_DIRECTORY: only a systemd service has it (LoadCredential=)"
    return _content(Path(folder) / secret.ref.rest)


def _file(secret: StoredSecret) -> tuple[str, str]:
    return _content(secret.path())


def _content(path: Path) -> tuple[str, str]:
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        return "", f"cannot be read: {error.strerror or 'no access'}"
    except ValueError:
        return "", "is not a path"
    return _decoded(data)


def _decoded(data: bytes) -> tuple[str, str]:
    if len(data) > SIZE_LIMIT:
        return "", "is larger than 64 KB; is it the right one?"
    try:
        return data.decode().removeprefix("\ufeff").rstrip("\r\n"), ""
    except UnicodeDecodeError:
        return "", "is not UTF-8 text"


def _command(secret: StoredSecret) -> tuple[str, str]:
    try:
        done = subprocess.run(  # what it says on stderr is the owner's to see, and not kept
            shlex.split(secret.ref.rest),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=secret.directory,
            env=dict(secret.environ),
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"gave no answer within {COMMAND_SECONDS} seconds"
    except OSError as error:
        return "", f"cannot be run: {error.strerror or 'no access'}"
    except ValueError:
        return "", "cannot be run"
    if done.returncode:
        return "", f"failed with exit code {done.returncode}; run it yourself to see why"
    return _decoded(done.stdout.split(b"\n", 1)[0])


def _keyring(secret: StoredSecret) -> tuple[str, str]:
    value, trouble = None, "is not in the keyring"
    try:
        keyring = importlib.import_module("keyring")
        value = keyring.get_password(secret.ref.rest, secret.user)
    except ImportError:
        trouble = "needs the package keyring: pip install 'mailhours[keyring]'"
    except Exception as error:  # noqa: BLE001 - any backend may fail in its own way
        trouble = f"cannot be had from the keyring ({type(error).__name__})"
    return (str(value), "") if value is not None else ("", trouble)


def _env(secret: StoredSecret) -> tuple[str, str]:
    value = secret.environ.get(secret.ref.rest)
    return (value.rstrip("\r\n"), "") if value is not None else ("", "is not set")


_FETCH = {
    "credential": _credential,
    "file": _file,
    "command": _command,
    "keyring": _keyring,
    "env": _env,
}
