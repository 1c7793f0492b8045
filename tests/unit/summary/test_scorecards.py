"""The scorecard as a page and as text: the figures, their doubt, what would change them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from builders import KARI, a_client, an_owner, moment
from mailhours.model.client import Money
from mailhours.model.outlook import Prediction
from mailhours.model.portrait import (
    Band,
    Cost,
    Criterion,
    Effort,
    Mirror,
    Patience,
    PlanState,
    RepairPlan,
    Scorecard,
    State,
)
from mailhours.model.ratio import Ratio
from mailhours.summary.page import paper
from mailhours.summary.scorecard import Card, scorecard
from mailhours.summary.text import told
from mailhours.wording.dates import LANGUAGES
from mailhours.wording.render import Wording
from unit.summary.golden import agrees
from unit.summary.pages import check
from unit.summary.test_pages_of_the_day import HOSTILE

WORDING = Wording()
START, NOW = moment("2025-12-01 09:00"), moment("wed 16:45")
NOBODY = Ratio(0, 0)


def a_criterion(name: str, hits: int, of: int, state: State, **changes: object) -> Criterion:
    made = Criterion(name, Ratio(hits, of), 0.25, (), state, "unknown", hits - of // 4)
    return replace(made, **changes)


def a_patience(**changes: object) -> Patience:
    made = Patience(0, enough=False, half=None, low=None, high=None, in_business=False,
                    before_due=None, after_status="none", prediction=None)  # fmt: skip
    return replace(made, **changes)


def a_card(key: str, name: str, *criteria: Criterion, **changes: object) -> Card:
    card = Scorecard(key, START, NOW, criteria, Band.KEEP, None, Effort(12, 9, 3, 95), None)
    mirror = Mirror(key, NOBODY, None, NOBODY, NOBODY, NOBODY, NOBODY)
    parts = {field: changes.pop(field) for field in ("patience", "mirror") if field in changes}
    made = Card(a_client(key=key, name=name), replace(card, **changes), a_patience(), mirror)
    return replace(made, **parts)


def months(*counts: tuple[int, int]) -> tuple[tuple[str, Ratio], ...]:
    names = ("2025-12", "2026-01", "2026-02", "2026-03")
    return tuple((name, Ratio(*pair)) for name, pair in zip(names, counts, strict=False))


def the_cards() -> list[Card]:
    fjord = a_card(
        "fjord",
        "Fjord Coffee AS",
        a_criterion(
            "involvement", 41, 88, State.MET, change=19, trend="rising",
            months=months((4, 20), (9, 24), (13, 25), (15, 19)),
        ),
        a_criterion("revisions", 9, 12, State.MET, change=6, months=months((1, 2), (3, 4), (5, 6))),
        a_criterion("scope", 3, 14, State.OPEN, trend="steady", months=months((0, 0), (3, 14))),
        a_criterion(
            "room", 190, 301, State.MET, limit=0.5, change=40, trend="falling",
            months=months((60, 80), (50, 85), (42, 70), (38, 66)),
        ),
        band=Band.PART,
        plan=RepairPlan(
            moment("2026-01-12 10:00"), date(2026, 2, 27),
            "Repair plan until 2026-02-27: one mail a day, two rounds",
            ("involvement", "revisions"),
            {"involvement": Ratio(21, 33), "revisions": Ratio(0, 0)},
            PlanState.FAILED,
        ),
        effort=Effort(131, 59, 64, 1875),
        cost=Cost(Money(Decimal("2968.75"), "EUR"), Money(Decimal("9400.00"), "EUR")),
        patience=a_patience(
            chases=23, enough=True, half=47.0, low=31.0, high=95.0, in_business=True,
            before_due=2.5, after_status="later",
            prediction=Prediction("fjord", KARI, moment("fri 10:30"), moment("fri 10:00"), 23),
        ),
        mirror=Mirror(
            "fjord", Ratio(3, 61), timedelta(hours=4, minutes=20), Ratio(1, 4), Ratio(7, 19),
            Ratio(14, 41), Ratio(6, 59),
        ),
    )  # fmt: skip
    acme = a_card(
        "acme",
        "Acme Bikes Ltd",
        a_criterion("involvement", 1, 30, State.NOT_MET, trend="steady"),
        a_criterion("revisions", 0, 0, State.OPEN),
        a_criterion("scope", 9, 16, State.MET, change=5),
        a_criterion("room", 60, 301, State.NOT_MET, limit=0.5),
        band=Band.FIX,
        patience=a_patience(chases=1),
    )
    lumen = a_card(
        "lumen",
        "Lumen Verlag GmbH",
        a_criterion("involvement", 0, 11, State.NOT_MET),
        a_criterion("revisions", 1, 4, State.OPEN),
        a_criterion("scope", 0, 0, State.OPEN),
        a_criterion("room", 51, 301, State.NOT_MET, limit=0.5),
        cost=Cost(Money(Decimal("150.42"), "EUR"), Money(Decimal("0.00"), "EUR")),
        patience=a_patience(chases=7, enough=True, after_status="earlier"),
    )
    return [fjord, acme, lumen]


@pytest.mark.parametrize("name", ["one", "all"])
def test_a_scorecard_reads_as_it_did_when_somebody_last_looked(name):
    cards = the_cards()[:1] if name == "one" else the_cards()
    written = scorecard(an_owner(), cards, WORDING.words("en"))

    agrees(f"scorecard/{name}.html", paper(written, WORDING))
    agrees(f"scorecard/{name}.en.txt", told(written))


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_a_scorecard_is_told_in_every_language(language):
    written = scorecard(an_owner(), the_cards(), WORDING.words(language))

    agrees(f"scorecard/all.{language}.txt", told(written))
    check(paper(written, WORDING), language)


def test_who_calls_for_something_comes_first():
    written = scorecard(an_owner(), the_cards()[::-1], WORDING.words("en"))

    assert [one.key for one in written.sections] == ["overview", "fjord", "acme", "lumen"]


def test_the_page_says_what_the_text_says():
    written = scorecard(an_owner(), the_cards(), WORDING.words("en"))
    said = check(paper(written, WORDING), "en").text

    for word in told(written).split():
        if word.isalpha() and not word.isupper():
            assert word in said, word


def test_what_is_beyond_the_limit_is_drawn_beyond_its_line():
    written = scorecard(an_owner(), the_cards()[:1], WORDING.words("en"))
    html = paper(written, WORDING)

    assert '<td class="fill" width="25%"></td>' in html
    assert '<td class="mark over" width="22%"></td>' in html  # 41 of 88, a limit of 25 %
    assert '<td class="fill" width="21%"></td>' in html  # 3 of 14, below it


@pytest.mark.parametrize("share", [0, 1, 24, 25, 26, 99, 100])
def test_a_bar_is_as_wide_as_its_row(share):
    one = a_criterion("scope", share, 100, State.OPEN)
    written = scorecard(an_owner(), [a_card("fjord", "Fjord", one)], WORDING.words("en"))
    bar = paper(written, WORDING).partition('class="bar"')[2].partition("</table>")[0]

    widths = [int(part.partition("%")[0]) for part in bar.split('width="')[1:]]
    assert sum(widths) == 100
    assert 0 not in widths


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_name_does_no_harm(attack):
    plan = RepairPlan(START, date(2026, 2, 27), attack, (), {}, PlanState.RUNNING)
    card = a_card("fjord", attack, a_criterion("scope", 1, 4, State.OPEN), plan=plan)
    written = scorecard(an_owner(), [card, *the_cards()[1:]], WORDING.words("en"))

    check(paper(written, WORDING), "en")
    assert all(len(line) <= 120 for line in told(written).splitlines())
