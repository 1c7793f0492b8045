"""What the service says of its work: one function for each event, values as fields.

Never the text of a mail, never a secret. A change of state is one line; what goes on as before is
silent.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from mailhours.model.faults import Fault
from mailhours.model.reply import Delivery, Outcome, Plan, Reply
from mailhours.model.slot import Slot


@contextmanager
def _without_rich() -> Iterator[None]:
    """Import as if rich were not installed (None in sys.modules; Python reference, 5.3.1).

    structlog takes it for tracebacks, which are never shown here: a service would hold 5 MB for it.
    """
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["rich"]


with _without_rich():
    import structlog

_log: structlog.stdlib.BoundLogger = structlog.get_logger("mailhours")


# The priority of a line in the journal of systemd, by level (sd-daemon(3)).
_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


def set_up(*, machine: bool, journald: bool = False) -> None:
    """Write to stderr: one JSON object a line for a `machine`, key=value for people.

    For `journald` each line begins with its priority, so that `journalctl -p warning` works.
    """
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer()]
        if machine
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
            *([_prefix] if journald else []),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing())),
    )


class _Unfailing:
    """What is stderr at that moment: a full disk under it, or a pipe nobody reads, ends no work."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def silence() -> None:
    """Write nothing: the demo tells its story itself."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[_nothing])


def _nothing(*_: object) -> str:
    return ""


def _prefix(_: object, level: str, line: Any) -> str:  # noqa: ANN401 - rendered before
    return f"<{_PRIORITY.get(level, 6)}>{line}"


def started(version: str, account: str, mode: str) -> None:
    """Report that the service began its work."""
    _log.info("started", version=version, account=account, mode=mode)


def stopped() -> None:
    """Report that the service ended in good order."""
    _log.info("stopped")


def polled(logged: int) -> None:
    """Report new mail of clients."""
    _log.info("polled", logged=logged)


def deaf(mailbox: str, fault: Fault) -> None:
    """Report that a mailbox can no longer be read."""
    _log.warning("deaf", mailbox=mailbox, why=fault.what, hint=fault.hint or None)


def hears_again(mailbox: str) -> None:
    """Report that a mailbox can be read again."""
    _log.info("hears_again", mailbox=mailbox)


def remarked(what: str) -> None:
    """Report what a mailbox says of a folder."""
    _log.warning("remarked", what=what)


def check_in_waits(slot: Slot, fault: Fault) -> None:
    """Report that a check-in waits, because the mailbox cannot be read."""
    _log.warning("check_in_waits", slot=slot.key, why=fault.what)


def checked_in(plan: Plan) -> None:
    """Report a check-in that was held."""
    _log.info(
        "checked_in", slot=plan.slot.key, replies=len(plan.replies), withheld=len(plan.withheld)
    )


def fuse_blown(slot: str, per_day: int) -> None:
    """Report that the fuse has blown: nothing leaves until the owner says start."""
    _log.error("fuse_blown", slot=slot, per_day=per_day, hint="mailhours start")


def frozen(who: str, why: str) -> None:
    """Report an address or a client that gets no machine mail from now on."""
    _log.warning("frozen", who=who, why=why, hint=f"mailhours unfreeze {who}")


def heard(command: str, answer: str) -> None:
    """Report a word of the owner's that came by mail, and what became of it."""
    _log.info("heard", command=command, answer=answer)


def missed(slots: Sequence[Slot]) -> None:
    """Report check-ins that passed while nobody was there to hold them."""
    for slot in slots:
        _log.warning("missed", slot=slot.key)


def sent(reply: Reply, delivery: Delivery) -> None:
    """Report what became of a reply."""
    log = _log.info if delivery.outcome is Outcome.SUBMITTED else _log.warning
    log(
        delivery.outcome.value,
        reply=reply.id,
        client=reply.client,
        to=reply.to.spec,
        kinds=[kind.value for kind in reply.kinds],
        code=delivery.code,
        answer=delivery.text,
    )


def not_sent(reply: Reply, fault: Fault) -> None:
    """Report that the server takes no mail: the reply waits for the next check-in."""
    _log.warning("not_sent", reply=reply.id, why=fault.what, hint=fault.hint or None)


def not_asked(mailbox: str, fault: Fault) -> None:
    """Report that a mailbox did not say what only it knows; things go on without."""
    _log.warning("not_asked", mailbox=mailbox, why=fault.what, hint=fault.hint or None)


def found_elsewhere(count: int) -> None:
    """Report mail of clients in folders that are not read."""
    _log.info("found_elsewhere", mails=count)


def not_filed(why: str) -> None:
    """Report that a copy could not be filed in Sent; it is tried again."""
    _log.warning("not_filed", why=why)


def doubtful(reply: str) -> None:
    """Report a reply that may have left: the owner decides."""
    _log.warning("doubtful", reply=reply, hint=f"mailhours settle {reply} sent|lost")


def summed_up(day: str, *, sent: bool) -> None:
    """Report the daily summary."""
    _log.info("summed_up", day=day, sent=sent)


def _trace(error: BaseException) -> list[str]:
    """Return where it happened, the innermost first; what an error says may quote a mail."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def tick_failed(error: BaseException) -> None:
    """Report a tick that ended early; the next one comes. What nobody foresaw shows its trace."""
    if isinstance(error, Fault):
        _log.error("tick_failed", why=error.what, hint=error.hint or None)
    else:
        _log.error("tick_failed", error=type(error).__name__, trace=_trace(error))


def tick_works_again() -> None:
    """Report the first tick that came to its end after others had failed."""
    _log.info("tick_works_again")


def warned(to: str) -> None:
    """Report the mail to the owner that says that the service cannot work."""
    _log.info("warned", to=to)


def not_warned(why: str) -> None:
    """Report that the owner could not be told by mail; it is tried again."""
    _log.warning("not_warned", why=why)


def cared(backup: str, dropped: int) -> None:
    """Report the daily copy of the ledger, and how many mails were too old to be kept."""
    _log.info("cared", backup=backup, dropped=dropped)


def no_care(fault: Fault) -> None:
    """Report that the daily copy of the ledger failed."""
    _log.error("no_care", why=fault.what, hint=fault.hint or None)


def configuration_rejected(problems: Sequence[object]) -> None:
    """Report changed files that cannot be used; the configuration from before stays."""
    for problem in problems:
        _log.error("configuration_rejected", problem=str(problem))


def configuration_taken(changes: Sequence[str]) -> None:
    """Report changed files that took effect."""
    _log.info("configuration_taken", changes=list(changes))
