"""Judging the clients of an account: how each stands now, or everything that ever was.

How it stands (`standings`) costs what is open; a whole judgement costs what is past. A check-in and
a summary ask for the whole only where there may be something in it for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailhours.model.judgement import Clock, InvoiceState, Judgement, Standing
from mailhours.service.account import Account

# No finding is news, and no promise in the week's numbers, when nobody wrote for so long.
_QUIET = timedelta(days=100)


def standings(account: Account, now: datetime) -> dict[str, Standing]:
    """Return how it stands with every client at `now`: all that is open, nothing that is past."""
    return account.standings.at(now)


def judgement(account: Account, client: str, now: datetime) -> Judgement:
    """Judge one client at `now` from its history, the owner's words and the agreements."""
    from mailhours.patterns.judge import judge

    return judge(
        account.settings.owner,
        account.book.clients[client],
        account.ledger.readings.history(client),
        account.ledger.words.words(),
        account.settings.thresholds,
        now,
    )


def judgements(account: Account, now: datetime) -> Iterator[Judgement]:
    """Judge every client at `now`, one after the other: all at once would take much memory."""
    for client in account.settings.clients:
        yield judgement(account, client.key, now)


def at_check_in(account: Account, now: datetime) -> dict[str, Standing]:
    """Return what a check-in at `now` looks at.

    Where something is late of a project with a date, the whole: a reminder names the new date.
    """
    found = standings(account, now)
    for key, standing in found.items():
        dated = {p.key for p in account.book.clients[key].projects if p.due is not None}
        if any(ask.due < now and ask.project in dated for ask in standing.asks):
            found[key] = judgement(account, key, now)
    return found


def for_summary(account: Account, now: datetime) -> dict[str, Judgement]:
    """Return what a summary at `now` looks at: where all is quiet, the past has no news in it."""
    return {
        key: _quiet(standing) if _is_quiet(standing) else judgement(account, key, now)
        for key, standing in standings(account, now).items()
    }


def is_open(account: Account, reference: str) -> bool:
    """Say whether `reference` is the id of a promise or an ask that is open now."""
    return any(
        reference in {one.id for one in standing.promises} | {one.id for one in standing.asks}
        for standing in standings(account, account.clock()).values()
    )


def _is_quiet(standing: Standing) -> bool:
    lasts = [at for at in (standing.last_inbound, standing.last_ours) if at is not None]
    return (
        not (standing.promises or standing.asks or standing.review)
        and all(invoice.state is InvoiceState.PAID for invoice in standing.invoices)
        and all(at < standing.now - _QUIET for at in lasts)
    )


def _quiet(standing: Standing) -> Judgement:
    return Judgement(
        **{name: getattr(standing, name) for name in Standing.__slots__},
        clock=Clock(0, 0, 0),
        turns=(),
        findings=(),
    )
