from dataclasses import replace
from datetime import date, timedelta

import pytest

from builders import a_calendar, a_client, a_message, an_owner, moment
from mailhours.model.judgement import AskState, Nudge, PromiseState
from mailhours.summary import daily, weekly
from mailhours.summary.day import gather
from mailhours.summary.page import page
from mailhours.summary.text import text
from mailhours.summary.week import Measures, measure
from mailhours.wording.dates import LANGUAGES
from mailhours.wording.render import Wording
from unit.summary.golden import agrees
from unit.summary.office import a_judgement, a_promise, a_quiet_day, an_ask, the_inputs
from unit.summary.pages import check

WORDING = Wording()
NEXT_MONDAY = date(2026, 3, 9)
NOTHING = Measures(0, 0, 0, None, None, 0, 0, 0, 0)


def answered(asked: str, due: str, closed: str, key: str = ""):
    promise = a_promise(a_message(asked, "ask", key=key), due)
    at = moment(closed)
    state = PromiseState.KEPT if at <= promise.due else PromiseState.LATE
    return replace(promise, closed=at, closed_by="k", state=state)


def week_of(day: date = NEXT_MONDAY, **judged: object):
    judgement = a_judgement(now=moment("mon+1 16:45"), **judged)
    return measure(an_owner(), {"fjord": a_client()}, {"fjord": judgement}, day)


def test_answers_both_ways_are_medians_in_business_time():
    week = week_of(
        promises=(
            answered("mon 09:00", "tue 09:00", "mon 11:00", "a"),
            answered("mon 16:00", "tue 16:00", "tue 10:00", "b"),
            answered("wed 09:00", "thu 09:00", "thu 10:00", "c"),
        ),
        asks=(
            an_ask(
                "mon 09:00", "thu 09:00", "text", closed=moment("tue 09:00"),
                outcome=AskState.FULL, business=timedelta(hours=8),
            ),
        ),
    )  # fmt: skip

    assert week.last.our_median == timedelta(hours=2)
    assert week.last.their_median == timedelta(hours=8)
    assert (week.last.asked, week.last.answered, week.last.kept) == (3, 3, 2)
    assert week.before == NOTHING


def test_days_with_something_overdue_are_working_days_and_counted_once():
    week = week_of(
        promises=(
            answered("mon 09:00", "tue 09:00", "thu 10:00", "a"),
            answered("mon 10:00", "tue 10:00", "wed 10:00", "b"),
        ),
        asks=(an_ask("mon 09:00", "thu 17:00", "text"),),
    )

    assert week.last.our_days == 2
    assert week.last.their_days == 1


@pytest.mark.parametrize(
    ("closed", "rewarded"),
    [
        pytest.param("tue 11:30", 1, id="at once"),
        pytest.param("tue 15:10", 0, id="at the check-in"),
        pytest.param("tue 13:30", 0, id="later"),
    ],
)
def test_the_mirror_shows_chases_that_were_rewarded_at_once(closed, rewarded):
    chased = "tue 14:00" if closed == "tue 15:10" else "tue 11:00"
    promise = answered("tue 09:00", "wed 09:00", closed, "a")
    nudge = Nudge(a_message(chased, "nudge"), "a", 120, promise.due, 0.3, "phrase")
    week = week_of(promises=(promise,), nudges=(nudge,))

    assert (week.last.chases, week.last.rewarded) == (1, rewarded)


def test_a_week_stands_in_the_first_summary_of_a_week_only():
    monday = gather(a_quiet_day(date(2026, 3, 9)))
    tuesday = gather(a_quiet_day(date(2026, 3, 10)))
    closed = an_owner(calendar=a_calendar(closed={date(2026, 3, 9): "closed"}))

    assert monday.week is not None
    assert monday.week.first == date(2026, 3, 2)
    assert tuesday.week is None
    assert gather(a_quiet_day(date(2026, 3, 10), owner=closed)).week is not None
    assert gather(a_quiet_day(date(2026, 3, 9), owner=closed)).week is None


def the_monday():
    inputs = the_inputs()
    fjord = inputs.judgements["fjord"]
    now = moment("mon+1 16:45")
    promises = (
        *fjord.promises,
        answered("tue 09:00", "wed 09:00", "tue 11:30", "a"),
        answered("thu 09:00", "fri 09:00", "fri 08:50", "b"),
        answered("2026-02-24 09:00", "2026-02-25 09:00", "2026-02-24 16:00", "c"),
    )
    early = Nudge(a_message("tue 11:00", "nudge"), "a", 120, moment("wed 09:00"), 0.3, "phrase")
    judged = {
        **inputs.judgements,
        "fjord": replace(fjord, promises=promises, nudges=(*fjord.nudges, early), now=now),
    }
    return replace(inputs, day=NEXT_MONDAY, now=now, judgements=judged)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_week_reads_well_in_every_language(language):
    sheet = daily.sheet(gather(the_monday()), WORDING.words(language))
    only_week = replace(sheet, sections=[s for s in sheet.sections if s.key == "week"])

    agrees(f"summary/week.{language}.txt", text(only_week))
    taken = check(page(sheet, WORDING), language)
    assert {table.get("role") for table in taken.layout} == {"presentation", None}
    assert all(len(line) <= 72 for line in text(only_week).splitlines())


def test_a_quiet_week_has_dashes_and_no_numbers_invented():
    section = weekly.section(week_of(), WORDING.words("en"))

    assert [row.cells for row in section.tables[0].rows][1] == ("–", "–", "–")
    assert len(section.tables) == 1
