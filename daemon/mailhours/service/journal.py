"""What the service says of its work: one function for each event, values as fields.

Never the text of a mail, never a secret. A change of state is one line; what goes on as before is
silent.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import structlog

from mailhours.model.faults import Fault
from mailhours.model.reply import Delivery, Outcome, Plan, Reply
from mailhours.model.slot import Slot

_log: structlog.stdlib.BoundLogger = structlog.get_logger("mailhours")


def set_up(*, machine: bool) -> None:
    """Write to stderr: one JSON object a line for a `machine`, key=value for people."""
    # Plain tracebacks: the others print local variables, and those hold mail and passwords.
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if machine
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def silence() -> None:
    """Write nothing: the demo tells its story itself."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[_nothing])


def _nothing(*_: object) -> str:
    return ""


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


def tick_failed(error: BaseException) -> None:
    """Report a tick that ended early; the next one comes. What nobody foresaw shows its trace."""
    if isinstance(error, Fault):
        _log.error("tick_failed", why=error.what, hint=error.hint or None)
    else:
        _log.error("tick_failed", error=type(error).__name__, exc_info=error)


def configuration_rejected(problems: Sequence[object]) -> None:
    """Report changed files that cannot be used; the configuration from before stays."""
    for problem in problems:
        _log.error("configuration_rejected", problem=str(problem))


def configuration_taken(changes: Sequence[str]) -> None:
    """Report changed files that took effect."""
    _log.info("configuration_taken", changes=list(changes))
