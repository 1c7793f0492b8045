"""How long a client waits before it chases, and when it will chase next."""

from datetime import date, timedelta

from builders import a_client, a_message, a_project, a_signal, an_owner, moment
from mailhours.model.client import Thresholds
from mailhours.patterns.impatience import Impatience, impatience
from mailhours.patterns.judge import judge


def learned(messages, now, **client) -> Impatience:
    owner, held = an_owner(), a_client(**client)
    at = moment(now)
    judged = judge(owner, held, messages, (), Thresholds(), at)
    ordered = sorted(messages, key=lambda m: m.at)
    return impatience(ordered, judged, owner, held, Thresholds(), at)


def chased(day: str, *, after: str | None, answered: str, subject: str) -> list:
    """Return a request of 09:00, a chase of it, and our answer, on one day."""
    request = a_message(f"{day} 09:00", "ask", subject=subject)
    mails = [request]
    if after:
        mails.append(a_message(f"{day} {after}", "nudge", subject=subject, replies_to=request))
    answer = a_message(f"{day} {answered}", "answer", ours=True, subject=subject, replies_to=mails)
    return [*mails, answer]


DAYS = ("mon", "tue", "wed", "thu", "fri")


def a_week() -> list:
    """Return five requests that are chased after 1, 2, 2, 3 and 4 hours, one that is not."""
    hours = ("10:00", "11:00", "11:00", "12:00", "13:00")
    mails = []
    for day, at in zip(DAYS, hours, strict=True):
        mails += chased(day, after=at, answered="16:00", subject=f"Page {day}")
    return mails + chased("mon+1", after=None, answered="09:30", subject="Page six")


def test_our_answer_cuts_the_watch_off():
    made = learned(a_week(), "mon+1 12:00")

    assert [(w.business, w.chased is not None) for w in made.waits] == [
        (60, True),
        (120, True),
        (120, True),
        (180, True),
        (240, True),
        (30, False),
    ]
    assert made.enough
    assert made.in_business
    assert made.learned.quantile(0.5).at == 120
    assert made.prediction is None, "nothing waits"


def test_the_next_chase_is_predicted_with_the_check_in_before_it():
    waiting = a_message("tue+1 14:30", "ask", subject="Page seven")
    found = learned([*a_week(), waiting], "tue+1 14:40").prediction

    assert found is not None
    assert found.at == moment("tue+1 16:30")
    assert found.send_by == moment("tue+1 15:00")
    assert (found.seen, found.minutes, found.messages) == (5, 120, (waiting.key,))


def test_what_has_waited_long_is_chased_later_than_usual():
    waiting = a_message("tue+1 09:00", "ask", subject="Page seven")
    found = learned([*a_week(), waiting], "tue+1 11:30").prediction

    assert found is not None
    assert found.at > moment("tue+1 11:30")


def test_a_few_chases_are_too_little_data():
    made = learned(chased("mon", after="10:00", answered="16:00", subject="Page"), "tue 09:00")

    assert not made.enough
    assert made.prediction is None


def test_questions_before_due_dates_are_foreseen():
    projects = (
        a_project("one", due=date(2026, 3, 6)),
        a_project("two", due=date(2026, 3, 13)),
        a_project("three", due=date(2026, 3, 20)),
        a_project("four", due=date(2026, 3, 27)),
    )
    checks = [
        a_message(
            f"{at} 10:30",
            a_signal("nudge", "How far are you?", subtype="progress"),
            project=project,
            subject=project,
        )
        for at, project in (("wed", "one"), ("wed+1", "two"), ("thu+2", "three"))
    ]
    answers = [
        a_message(m.at + timedelta(minutes=30), "answer", ours=True, subject=m.subject)
        for m in checks
    ]
    made = learned([*checks, *answers], "mon+3 09:00", projects=projects)

    assert made.before_due is not None
    assert (made.before_due.days, made.before_due.median) == ((1, 2, 2), 2)
    assert made.before_due.low is None, "three cases have no interval"
    assert made.prediction is not None
    assert made.prediction.at == moment("wed+3 10:30")
    assert made.prediction.send_by == moment("wed+3 10:00")
    assert (made.prediction.project, made.prediction.days_before) == ("four", 2)


def test_early_status_that_makes_them_chase_earlier_is_seen():
    mails = []
    for week in range(8):
        for day, after in (("mon", "14:00"), ("thu", "09:20")):
            at = f"{day}+{week}" if week else day
            mails += chased(at, after=after, answered="16:00", subject=f"Page {at}")
            if day == "mon":
                note = a_message(
                    f"wed+{week} 12:00" if week else "wed 12:00",
                    ours=True,
                    subject=f"Status {week}",
                )
                mails.append(note)
    made = learned(mails, "mon+9 12:00")

    assert made.status is not None
    assert made.status.said == "earlier"
    assert made.status.chance < 0.01


def test_a_client_of_the_night_is_measured_by_the_wall_clock():
    mails = []
    for day in DAYS:
        request = a_message(f"{day} 16:50", "ask", subject=f"Page {day}")
        chase = a_message(f"{day} 20:50", "nudge", subject=f"Page {day}", replies_to=request)
        mails += [request, chase]
        nextday = {"mon": "tue", "tue": "wed", "wed": "thu", "thu": "fri", "fri": "mon+1"}[day]
        mails.append(
            a_message(
                f"{nextday} 09:00",
                "answer",
                ours=True,
                subject=f"Page {day}",
                replies_to=[request, chase],
            )
        )
    made = learned(mails, "mon+1 12:00")

    assert not made.in_business
    assert made.learned.quantile(0.5).at == 240
