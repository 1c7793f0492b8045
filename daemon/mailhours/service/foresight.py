"""What clients are likely to do next, learned from the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from mailhours.model.judgement import Judgement
from mailhours.model.outlook import Prediction
from mailhours.patterns.impatience import Impatience, impatience
from mailhours.service.account import Account


def predictions(account: Account, judged: Iterable[Judgement]) -> dict[str, Prediction]:
    """Return the next chase of each client of whom enough was learned, by client.

    Who never chased and never asked before a date is not looked at again. Of `judged` one is held
    at a time.
    """
    found = {}
    for judgement in judged:
        checks = any(finding.pattern == "progress_check" for finding in judgement.findings)
        if not (judgement.nudges or checks):
            continue
        foreseen = learned(account, judgement).prediction
        if foreseen is not None:
            found[judgement.client] = foreseen
    return found


def learned(account: Account, judgement: Judgement) -> Impatience:
    """Return what was learned of a client's patience."""
    return impatience(
        account.ledger.readings.history(judgement.client),
        judgement,
        account.settings.owner,
        account.book.clients[judgement.client],
        account.settings.thresholds,
        judgement.now,
    )
