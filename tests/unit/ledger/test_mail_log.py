"""What was logged and sighted, and what a mailbox is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ledgers import (
    MINUTE,
    NOW,
    a_batch,
    a_cursor,
    a_key,
    a_place,
    a_raw,
    a_sighting,
)
from mailhours.model.raw import FolderRole, Place, Quarantined

DAY = timedelta(days=1)


def test_a_batch_is_logged_with_its_cursor(ledger):
    batch = a_batch(a_sighting(1), a_sighting(2), a_sighting(3, kept=False))

    logged = ledger.mail.log(batch, NOW)

    assert logged == 2
    assert ledger.mail.cursors("main") == [a_cursor(3)]
    assert ledger.mail.uids("main", "INBOX", 7, 1, 9) == {"1", "2", "3"}
    assert ledger.mail.keys([a_key(1), a_key(3), a_key(9)]) == {a_key(1), a_key(3)}
    assert ledger.mail.raw(a_key(1)) == a_raw(1)
    assert ledger.mail.count() == 2


def test_a_batch_may_be_repeated(ledger):
    batch = a_batch(a_sighting(1), a_sighting(2))
    ledger.mail.log(batch, NOW)

    again = ledger.mail.log(batch, NOW + MINUTE)

    assert again == 0
    assert ledger.chain.head()[0] == 2


def test_one_mail_in_two_folders_is_logged_once_and_sighted_twice(ledger):
    same = a_key("same")
    sent = a_sighting(5, same, folder="Sent", role=FolderRole.SENT)
    ledger.mail.log(a_batch(a_sighting(1, same)), NOW)

    logged = ledger.mail.log(
        a_batch(sent, cursor=a_cursor(5, folder="Sent", role=FolderRole.SENT)), NOW
    )

    assert logged == 0
    assert ledger.mail.place(same) == (
        (a_place(1), FolderRole.INBOX),
        (a_place(5, "Sent"), FolderRole.SENT),
    )


def test_the_same_mail_twice_in_one_batch_is_logged_once(ledger):
    logged = ledger.mail.log(a_batch(a_sighting(1, a_key(1)), a_sighting(2, a_key(1))), NOW)

    assert logged == 1
    assert ledger.mail.place(a_key(1))[0][0] == a_place(1)


def test_a_new_validity_is_another_set_of_uids(ledger):
    ledger.mail.log(a_batch(a_sighting(1)), NOW)

    assert ledger.mail.uids("main", "INBOX", 8, 1, 9) == set()


def test_uids_of_a_range_are_numbers_not_words(ledger):
    ledger.mail.log(a_batch(*(a_sighting(n) for n in (2, 10, 100))), NOW)

    assert ledger.mail.uids("main", "INBOX", 7, 2, 99) == {"2", "10"}


def test_files_are_known_by_their_names(ledger):
    names = ["1772.M1P2.host", "42", "007"]
    batch = a_batch(*(a_sighting(name, validity=0) for name in names), cursor=a_cursor(validity=0))

    ledger.mail.log(batch, NOW)

    assert ledger.mail.uids("main", "INBOX", 0, 0, 0) == set(names)


def test_a_file_and_a_folder_whose_names_are_not_utf8_are_known_by_them(ledger):
    name, folder = "1772.bl\udce5.host", "Arkiv \udce5\udce5"
    cursor = a_cursor(folder=folder, validity=0)
    one = a_sighting(name, validity=0, folder=folder)

    ledger.mail.log(a_batch(one, cursor=cursor), NOW)

    assert ledger.mail.uids("main", folder, 0, 0, 0) == {name}
    assert ledger.mail.cursors("main") == [cursor]
    assert ledger.mail.place(one.key)[0][0] == one.place
    assert ledger.readings.unread("v1", 1)[0].place == one.place


def test_a_folder_that_nobody_knows_has_no_uids(ledger):
    assert ledger.mail.uids("main", "Nowhere", 7, 1, 9) == set()
    assert ledger.mail.cursors("main") == []


def test_many_keys_are_asked_for_at_once(ledger):
    ledger.mail.log(a_batch(a_sighting(1)), NOW)

    assert ledger.mail.keys([a_key(n) for n in range(2000)]) == {a_key(1)}


def test_what_lies_in_a_folder_is_told_by_its_arrival_and_by_when_it_was_logged(ledger):
    def sent(uid, days=0):
        raw = a_raw(uid, received=NOW + days * DAY)
        return a_sighting(uid, raw=raw, folder="Sent", role=FolderRole.SENT)

    def lying(*since):
        return [key for key, _ in ledger.mail.lying_in(FolderRole.SENT, *since)]

    ledger.mail.log(a_batch(sent(1, -9), sent(3), sent(2)), NOW)
    ledger.mail.log(a_batch(a_sighting(4), sent(5, -9), sent(6)), NOW + MINUTE)

    assert lying(NOW - DAY) == [a_key(3), a_key(2), a_key(6)]
    assert lying(NOW - DAY, NOW) == [a_key(3), a_key(2), a_key(6)]
    assert lying(NOW - DAY, NOW + MINUTE) == [a_key(6)]
    assert lying(NOW - DAY, NOW + 2 * MINUTE) == []


def test_a_mail_that_is_not_there_is_a_key_error(ledger):
    with pytest.raises(KeyError):
        ledger.mail.raw(a_key(1))
    assert ledger.mail.place(a_key(1)) == ()


def test_the_keys_of_what_was_sighted_are_known_by_place(ledger):
    ledger.mail.log(a_batch(a_sighting(1), a_sighting(2), a_sighting(9)), NOW)

    assert ledger.mail.seen("main", "INBOX", 7, 2, 9) == {"2": a_key(2), "9": a_key(9)}
    assert ledger.mail.seen("main", "INBOX", 8, 1, 9) == {}
    assert ledger.mail.seen("main", "Sent", 7, 1, 9) == {}


def test_numbers_that_are_given_out_again_mean_other_mails(ledger):
    ledger.mail.log(a_batch(a_sighting(1), a_sighting(2), cursor=a_cursor(2)), NOW)
    ledger.mail.log(replace(a_batch(cursor=a_cursor(0)), anew=True), NOW)

    assert ledger.mail.uids("main", "INBOX", 7, 1, 9) == set()
    assert ledger.mail.place(a_key(2)) == ()
    assert ledger.mail.keys({a_key(1), a_key(2)}) == {a_key(1), a_key(2)}

    ledger.mail.log(a_batch(a_sighting(1), a_sighting(2, a_key(3)), cursor=a_cursor(2)), NOW)
    assert ledger.mail.count() == 3
    assert ledger.mail.place(a_key(3)) == ((a_place(2), FolderRole.INBOX),)
    assert ledger.mail.place(a_key(2)) == ()


def test_a_folder_that_was_replaced_is_read_as_if_for_the_first_time(ledger):
    ledger.mail.log(a_batch(a_sighting(1), cursor=a_cursor(1)), NOW)
    other = a_cursor(1, folder="Sent")
    ledger.mail.log(a_batch(a_sighting(1, a_key("sent"), folder="Sent"), cursor=other), NOW)

    assert ledger.mail.anew("main", "INBOX")

    assert ledger.mail.cursors("main") == [other]
    assert ledger.mail.uids("main", "INBOX", 7, 1, 9) == set()
    assert ledger.mail.uids("main", "Sent", 7, 1, 9) == {"1"}
    assert ledger.mail.count() == 2
    assert not ledger.mail.anew("main", "INBOX")
    assert not ledger.mail.anew("main", "Nowhere")


def test_what_lies_in_quarantine_is_known_shown_and_tried_again(ledger):
    bad = Quarantined(a_place(2), "no end of MIME")
    ledger.mail.log(a_batch(a_sighting(1), quarantined=[bad], cursor=a_cursor(2)), NOW)

    assert ledger.mail.quarantined() == [bad]
    assert ledger.mail.uids("main", "INBOX", 7, 1, 9) == {"1", "2"}
    assert ledger.mail.retry(a_place(2))
    assert ledger.mail.quarantined() == []
    assert ledger.mail.uids("main", "INBOX", 7, 1, 9) == {"1"}
    (cursor,) = ledger.mail.cursors("main")
    assert (cursor.settled, cursor.hint, cursor.looked) == (1, "", None)


def test_only_what_lies_in_quarantine_is_tried_again(ledger):
    ledger.mail.log(a_batch(a_sighting(1)), NOW)

    assert not ledger.mail.retry(a_place(1))
    assert not ledger.mail.retry(Place("main", "Nowhere", 7, "1"))
    assert ledger.mail.cursors("main") == [a_cursor(1)]


def test_a_mail_that_is_read_after_all_leaves_quarantine(ledger):
    bad = Quarantined(a_place(1), "cut off")
    ledger.mail.log(a_batch(quarantined=[bad]), NOW)

    ledger.mail.log(a_batch(a_sighting(1)), NOW)

    assert ledger.mail.quarantined() == []


def test_a_folder_that_was_only_mentioned_has_no_cursor(ledger):
    ledger.mail.log(a_batch(a_sighting(1), a_sighting(4, folder="Archive")), NOW)

    assert [cursor.folder for cursor in ledger.mail.cursors("main")] == ["INBOX"]


def test_reading_again_begins_at_the_floor(ledger):
    ledger.mail.log(a_batch(a_sighting(40), cursor=a_cursor(40, floor=31)), NOW)

    ledger.mail.reread("main")

    (cursor,) = ledger.mail.cursors("main")
    assert (cursor.settled, cursor.hint, cursor.looked) == (30, "", None)
    assert ledger.mail.uids("main", "INBOX", 7, 1, 99) == {"40"}


def test_a_new_client_has_unkept_mail_looked_at_again(ledger):
    ledger.mail.log(a_batch(a_sighting(1), a_sighting(2, kept=False)), NOW)

    dropped = ledger.mail.forget_unwanted()

    assert dropped == 1
    assert ledger.mail.uids("main", "INBOX", 7, 1, 9) == {"1"}
    assert ledger.mail.keys([a_key(1), a_key(2)]) == {a_key(1)}
    assert ledger.mail.log(a_batch(a_sighting(2)), NOW) == 1


def test_the_interest_is_remembered(ledger):
    assert ledger.mail.interest() == ""

    ledger.mail.set_interest("abc")

    assert ledger.mail.interest() == "abc"


@pytest.mark.parametrize("naive", ["received", "now"])
def test_a_moment_without_a_zone_is_refused_and_nothing_is_logged(ledger, naive):
    at = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the very thing that is refused
    raw = replace(a_raw(), received=at) if naive == "received" else a_raw()

    with pytest.raises(ValueError, match=r"timezone|zone"):
        ledger.mail.log(a_batch(a_sighting(1, raw=raw)), at if naive == "now" else NOW)

    assert ledger.mail.cursors("main") == []
    assert ledger.mail.count() == 0
