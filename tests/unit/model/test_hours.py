"""Business time, case by case."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from builders import a_calendar, a_week, blocks, moment, office_hours
from mailhours.model.duration import Duration
from mailhours.model.hours import Block, Calendar

OFFICE = a_calendar()
LUNCH = a_calendar(office_hours("09:00-12:00 12:30-17:00"))
NIGHT = a_calendar(office_hours(a_week("22:00-02:00", ("mon", "thu", "fri"))))


def hours(amount: float) -> timedelta:
    return timedelta(hours=amount)


@pytest.mark.parametrize(
    ("calendar", "start", "due"),
    [
        pytest.param(OFFICE, "fri 16:59", "mon+1 16:59", id="friday 16:59, due monday 16:59"),
        pytest.param(OFFICE, "fri 17:00", "tue+1 09:00", id="friday at closing counts from monday"),
        pytest.param(OFFICE, "sun 23:00", "tue+1 09:00", id="sunday 23:00"),
        pytest.param(OFFICE, "mon 08:00", "tue 09:00", id="monday 08:00, before opening"),
        pytest.param(OFFICE, "mon 09:00", "tue 09:00", id="at the opening"),
        pytest.param(OFFICE, "mon 18:00", "wed 09:00", id="after closing, from the next opening"),
        pytest.param(OFFICE, "mon 23:59:59", "wed 09:00", id="mail at 23:59:59"),
        pytest.param(OFFICE, "tue 00:00", "wed 09:00", id="mail at midnight"),
        pytest.param(LUNCH, "mon 12:10", "tue 12:30", id="in the lunch break, from its end"),
        pytest.param(NIGHT, "tue 01:00", "fri 01:00", id="a night shift is the day it began on"),
    ],
)
def test_one_business_day(calendar, start, due):
    assert calendar.add_business_days(moment(start), 1) == moment(due)


@pytest.mark.parametrize(
    ("tuesday", "due"),
    [
        pytest.param("09:00-12:00", "tue 12:00", id="after closing becomes the closing"),
        pytest.param("16:00-18:00", "tue 16:00", id="before opening becomes the opening"),
        pytest.param("09:00-15:00 16:00-18:00", "tue 16:00", id="in a break becomes its end"),
        pytest.param("09:00-15:30 16:00-18:00", "tue 16:00", id="where a break begins, its end"),
        pytest.param("09:00-17:00", "tue 15:30", id="inside the hours stays"),
    ],
)
def test_a_business_day_is_moved_into_the_hours_of_the_target_day(tuesday, due):
    week = {**a_week(), 1: blocks(tuesday)}
    assert a_calendar(office_hours(week)).add_business_days(moment("mon 15:30"), 1) == moment(due)


def test_business_days_skip_weekends_holidays_and_closed_days():
    calendar = a_calendar(closed={date(2026, 3, 9): "Founders' Day", date(2026, 3, 10): "closed"})
    assert calendar.add_business_days(moment("fri 10:00"), 1) == moment("wed+1 10:00")
    assert calendar.add_business_days(moment("fri 10:00"), 3) == moment("fri+1 10:00")
    assert not calendar.is_working_day(date(2026, 3, 9))


def test_no_business_day_at_all_is_the_next_opening():
    assert OFFICE.add_business_days(moment("sun 12:00"), 0) == moment("mon+1 09:00")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("mon 09:00", "mon 17:00", hours(8), id="a whole day"),
        pytest.param("mon 08:00", "mon 18:00", hours(8), id="only inside the hours"),
        pytest.param("fri 16:59", "mon+1 09:01", timedelta(minutes=2), id="over the weekend"),
        pytest.param("sat 00:00", "mon+1 00:00", hours(0), id="a weekend"),
        pytest.param("mon 17:00", "mon 09:00", hours(-8), id="backwards is negative"),
        pytest.param("mon 09:00:30", "mon 09:00:31", timedelta(seconds=1), id="to the second"),
    ],
)
def test_elapsed(start, end, expected):
    assert OFFICE.elapsed(moment(start), moment(end)) == expected


def test_intervals_are_half_open():
    assert OFFICE.is_open(moment("mon 09:00"))
    assert OFFICE.is_open(moment("mon 16:59:59"))
    assert not OFFICE.is_open(moment("mon 17:00"))


def test_a_block_may_end_at_midnight_and_touch_the_next():
    calendar = a_calendar(office_hours({0: (Block(20 * 60, 1440),), 1: (Block(0, 240),)}))
    assert calendar.elapsed(moment("mon 12:00"), moment("tue 12:00")) == hours(8)
    assert calendar.is_open(moment("mon 23:59:59"))
    assert calendar.is_open(moment("tue 00:00"))


def test_what_runs_over_midnight_counts_once_where_it_meets_the_next_day():
    calendar = a_calendar(office_hours({0: blocks("22:00-02:00"), 1: blocks("01:00-05:00")}))
    assert calendar.elapsed(moment("mon 12:00"), moment("wed 12:00")) == hours(7)


def test_a_night_shift_ends_at_midnight_when_the_next_day_is_closed():
    calendar = a_calendar(
        office_hours(a_week("22:00-02:00"), closed={date(2026, 3, 3): "Shrove Tuesday"})
    )
    assert calendar.elapsed(moment("mon 12:00"), moment("tue 12:00")) == hours(2)
    assert calendar.elapsed(moment("tue 12:00"), moment("wed 12:00")) == hours(0)


def test_a_half_day_replaces_the_hours_even_of_a_closed_day():
    calendar = a_calendar(
        office_hours(
            closed={date(2026, 3, 3): "closed"},
            shortened={
                date(2026, 3, 2): blocks("09:00-12:00"),
                date(2026, 3, 3): blocks("10:00-11:00"),
            },
        )
    )
    assert calendar.elapsed(moment("mon 00:00"), moment("tue 00:00")) == hours(3)
    assert calendar.elapsed(moment("tue 00:00"), moment("wed 00:00")) == hours(1)
    assert list(calendar.closed_days(date(2026, 3, 2), date(2026, 3, 8))) == []


def test_old_days_keep_their_hours():
    calendar = a_calendar(
        office_hours("09:00-17:00"),
        office_hours("10:00-14:00", valid_from=date(2026, 3, 4), check_ins=["11:00"]),
    )
    assert calendar.elapsed(moment("tue 00:00"), moment("wed 00:00")) == hours(8)
    assert calendar.elapsed(moment("wed 00:00"), moment("thu 00:00")) == hours(4)
    keys = [slot.key for slot in calendar.slots(moment("tue 12:00"), moment("wed 23:00"))]
    assert keys == ["2026-03-03T15:00", "2026-03-04T11:00"]


def test_before_the_first_dated_hours_the_first_hold():
    calendar = a_calendar(office_hours("10:00-14:00", valid_from=date(2026, 3, 4)))
    assert calendar.elapsed(moment("mon 00:00"), moment("tue 00:00")) == hours(4)


@pytest.mark.parametrize(
    ("within", "due"),
    [
        pytest.param("30 min", "fri 17:00", id="minutes run on the wall"),
        pytest.param("2 hours", "fri 18:30", id="hours run on the wall"),
        pytest.param("1 week", "fri+1 16:30", id="weeks run on the wall"),
        pytest.param("4 business hours", "mon+1 12:30", id="business hours run in the calendar"),
        pytest.param("1 business day", "mon+1 16:30", id="business days run in the calendar"),
    ],
)
def test_due(within, due):
    assert OFFICE.due(moment("fri 16:30"), Duration.parse(within)) == moment(due)


def test_adding_lands_where_the_time_is_used_up_and_not_at_the_next_opening():
    assert OFFICE.add(moment("mon 16:00"), hours(1)) == moment("mon 17:00")
    assert OFFICE.add(moment("sun 12:00"), hours(0)) == moment("sun 12:00")


def test_adding_backwards_is_refused_in_words():
    with pytest.raises(ValueError, match="only counted forward"):
        OFFICE.add(moment("mon 09:00"), hours(-1))


def test_check_ins_are_later_than_the_start_and_reach_to_the_end():
    keys = [slot.key for slot in OFFICE.slots(moment("fri 10:00"), moment("mon+1 10:00"))]
    assert keys == ["2026-03-06T15:00", "2026-03-09T10:00"]
    assert OFFICE.next_slot(moment("fri 15:00")).due == moment("mon+1 10:00")


def test_a_check_in_exists_outside_the_hours_of_a_working_day_only():
    calendar = a_calendar(office_hours("09:00-17:00", check_ins=["17:00", "07:30"]))
    keys = [slot.key for slot in calendar.slots(moment("fri 00:00"), moment("tue+1 00:00"))]
    assert keys == ["2026-03-06T07:30", "2026-03-06T17:00", "2026-03-09T07:30", "2026-03-09T17:00"]


def test_check_ins_keep_their_local_time_over_a_clock_change():
    slots = list(OFFICE.slots(moment("2026-03-27 09:00"), moment("2026-03-30 12:00")))
    assert [slot.key for slot in slots] == [
        "2026-03-27T10:00",
        "2026-03-27T15:00",
        "2026-03-30T10:00",
    ]
    assert slots[-1].due == datetime(2026, 3, 30, 8, 0, tzinfo=UTC)


def test_a_check_in_in_the_hour_that_a_clock_change_skips_moves_to_its_end():
    calendar = a_calendar(
        office_hours(a_week("00:00-12:00", ("sun",)), check_ins=["02:15", "02:45"])
    )
    slots = list(calendar.slots(moment("2026-03-29 00:00"), moment("2026-03-29 12:00")))
    assert [(slot.key, slot.due) for slot in slots] == [
        ("2026-03-29T02:15", datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    ]


def test_a_check_in_in_the_hour_that_a_clock_change_repeats_happens_once_and_first():
    calendar = a_calendar(office_hours(a_week("00:00-12:00", ("sun",)), check_ins=["02:30"]))
    slots = list(calendar.slots(moment("2026-10-25 00:00"), moment("2026-10-25 12:00")))
    assert [slot.due for slot in slots] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_closed_days_are_those_that_would_be_working_days():
    calendar = a_calendar(
        closed={
            date(2026, 3, 6): "Foundation Day",
            date(2026, 3, 7): "a saturday",
            date(2027, 1, 1): "x",
        }
    )
    days = list(calendar.closed_days(date(2026, 3, 1), date(2026, 3, 31)))
    assert days == [(date(2026, 3, 6), "Foundation Day")]


def test_an_office_that_never_opens_answers_in_words_and_not_for_ever():
    calendar = a_calendar(office_hours({}))
    assert calendar.next_slot(moment("mon 09:00")) is None
    assert calendar.elapsed(moment("mon 09:00"), moment("fri 09:00")) == hours(0)
    with pytest.raises(ValueError, match="no office hours in the five years after 2026-03-02"):
        calendar.opens(moment("mon 09:00"))
    with pytest.raises(ValueError, match="no office hours"):
        calendar.add(moment("mon 09:00"), hours(1))
    with pytest.raises(ValueError, match="no office hours"):
        calendar.add_business_days(moment("mon 09:00"), 1)


def test_an_office_that_closed_for_good_answers_in_words():
    calendar = a_calendar(office_hours(), office_hours({}, valid_from=date(2026, 3, 5)))
    with pytest.raises(ValueError, match="no office hours in the five years"):
        calendar.add_business_days(moment("wed 10:00"), 1)
    with pytest.raises(ValueError, match="no office hours"):
        calendar.add(moment("wed 10:00"), hours(8))


@pytest.mark.parametrize(
    "block", [Block(600, 600), Block(-1, 60), Block(1440, 1500), Block(0, 2881)]
)
def test_a_block_that_is_no_part_of_a_day_is_refused(block):
    with pytest.raises(ValueError, match="no part of a day"):
        a_calendar(office_hours({0: (block,)}))


def test_a_calendar_without_hours_is_refused():
    with pytest.raises(ValueError, match="needs office hours"):
        Calendar(OFFICE.zone, ())


def test_what_was_worked_out_in_pieces_equals_what_is_worked_out_at_once():
    grown, fresh = a_calendar(), a_calendar()
    moments = [moment("mon 10:00") + timedelta(days=n) for n in (0, -400, 900, -900, 2000)]
    for at in moments:
        grown.is_open(at)
    moments.sort()
    for start, end in pairwise(moments):
        assert grown.elapsed(start, end) == fresh.elapsed(start, end)
    assert grown.elapsed(moments[0], moments[-1]) == a_calendar().elapsed(moments[0], moments[-1])


def test_the_day_that_an_island_skipped_is_no_working_day():
    samoa = a_calendar(zone="Pacific/Apia")
    assert not samoa.is_working_day(date(2011, 12, 30))
    start = datetime(2011, 12, 29, 20, 0, tzinfo=UTC)
    assert samoa.local(samoa.add_business_days(start, 1)).date() == date(2012, 1, 2)


def test_moments_that_no_mail_can_have_cost_nothing():
    calendar = a_calendar()
    ancient, distant = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
    assert calendar.elapsed(ancient, datetime(1970, 1, 5, tzinfo=UTC)) <= 14 * hours(8)
    assert calendar.elapsed(ancient, ancient + timedelta(days=9)) == hours(0)
    assert calendar.opens(ancient).year in (1969, 1970)
    assert not calendar.is_open(distant)
    with pytest.raises(ValueError, match="no office hours"):
        calendar.opens(distant)
    with pytest.raises(ValueError, match="no office hours"):
        calendar.add(moment("mon 09:00"), timedelta(days=500_000))


@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        pytest.param(date(2026, 3, 2), date(2026, 3, 9), 5, id="a week, without its first day"),
        pytest.param(date(2026, 3, 6), date(2026, 3, 8), 0, id="a weekend"),
        pytest.param(date(2026, 3, 6), date(2026, 3, 6), 0, id="no day at all"),
        pytest.param(date(2026, 3, 6), date(2026, 3, 2), 0, id="backwards"),
    ],
)
def test_working_days_between_two_days(after, until, count):
    days = OFFICE.working_days(after, until)
    assert len(days) == count
    assert all(OFFICE.is_working_day(date.fromordinal(day)) for day in days)
