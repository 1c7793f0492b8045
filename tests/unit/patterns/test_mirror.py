"""The owner judged by the same rules."""

from datetime import date, timedelta

from builders import a_client, a_message, a_signal, an_owner, moment
from mailhours.model.client import Thresholds
from mailhours.model.portrait import Mirror
from mailhours.patterns.judge import judge
from mailhours.patterns.mirror import mirror


def held_up(messages, now="mon+1 12:00") -> Mirror:
    owner, client = an_owner(), a_client()
    judged = judge(owner, client, messages, (), Thresholds(), moment(now))
    ordered = sorted(messages, key=lambda m: m.at)
    return mirror(ordered, judged, owner, client, Thresholds(), moment(now))


def chased(day: str, answered: str) -> list:
    request = a_message(f"{day} 11:00", "ask", subject=f"Page {day}")
    chase = a_message(f"{day} 11:30", "nudge", subject=f"Page {day}", replies_to=request)
    thread = [request, chase]
    return [
        *thread,
        a_message(
            f"{day} {answered}", "answer", ours=True, subject=f"Page {day}", replies_to=thread
        ),
    ]


def test_a_chase_answered_at_once_outside_the_check_ins_is_rewarded():
    made = held_up([*chased("mon", "11:40"), *chased("tue", "15:05"), *chased("wed", "12:30")])

    assert (made.rewarded.hits, made.rewarded.of) == (2, 3)
    low, high = made.rewarded.interval
    assert low < 2 / 3 < high


def test_late_answers_and_what_is_overdue_now_count_alike():
    late = a_message("mon 09:00", "ask", subject="Late")
    answer = a_message("tue 11:00", "answer", ours=True, subject="Late", replies_to=late)
    overdue = a_message("thu 09:00", "ask", subject="Overdue")
    fresh = a_message("mon+1 11:00", "ask", subject="Fresh")
    made = held_up([late, answer, overdue, fresh])

    assert (made.late.hits, made.late.of) == (2, 2)
    assert made.median_late == timedelta(hours=6, minutes=30)
    assert made.late.messages == (late.key, overdue.key)


def test_a_day_that_we_named_and_did_not_keep_is_a_broken_promise():
    ask = a_message("mon 09:00", "ask", subject="Draft")
    by = a_signal("defer", "you will have it on Wednesday", due=date(2026, 3, 4))
    said = a_message("mon 10:00", by, ours=True, subject="Draft", replies_to=ask)
    done = a_message("fri 10:00", "delivery", ours=True, subject="Draft", replies_to=[ask, said])
    kept = a_message("mon 16:00", by, ours=True, subject="Map")
    map_done = a_message("wed 16:00", "delivery", ours=True, subject="Map", replies_to=kept)
    made = held_up([ask, said, done, kept, map_done])

    assert (made.broken.hits, made.broken.of, made.broken.messages) == (1, 2, (said.key,))


def test_asks_without_a_day_and_mail_at_night_are_ours_to_mend():
    due = date(2026, 3, 6)
    dated = a_message("mon 10:00", a_signal("ask", "the logo", due=due), ours=True, subject="Logo")
    plain = a_message("mon 20:00", a_signal("ask", "the texts"), ours=True, subject="Texts")
    made = held_up([dated, plain])

    assert (made.undated.hits, made.undated.of) == (1, 2)
    assert made.off_hours.messages == (plain.key,)


def test_where_nothing_was_counted_nothing_is_said():
    made = held_up([])

    assert made.rewarded.share is None
    assert made.rewarded.interval == (0.0, 1.0)
