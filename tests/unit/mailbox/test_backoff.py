"""When a mailbox may be polled again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from mailhours.mailbox.backoff import Block, Why, after, fingerprint, may_poll, retried
from mailhours.model.faults import (
    CertificateFault,
    FolderFault,
    LoginRefused,
    ServerFault,
    Throttled,
)
from mailhours.model.server import Security, Server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def no_credential() -> str:
    raise AssertionError("the secret was read without need")


def repeat(fault, times, *, random=1.0, credential="a"):
    block = Block()
    now = NOW
    for _ in range(times):
        block = after(fault, now, block, lambda: random, credential)
        now = block.until or now
    return block


def test_a_free_mailbox_may_be_polled():
    assert may_poll(Block(), NOW, no_credential)


@pytest.mark.parametrize(
    ("failures", "longest"),
    [(1, 10), (2, 20), (3, 40), (6, 320), (8, 900), (50, 900)],
)
def test_trouble_with_the_connection_waits_longer_each_time_up_to_a_quarter_of_an_hour(
    failures, longest
):
    block = repeat(ServerFault("cut"), failures)

    assert block.until - block.since == timedelta(seconds=longest)
    assert not may_poll(block, block.until - timedelta(seconds=1), no_credential)
    assert may_poll(block, block.until, no_credential)


def test_the_wait_is_anything_up_to_its_limit_so_that_clients_do_not_return_together():
    assert repeat(ServerFault("cut"), 5, random=0.25).until - NOW < timedelta(minutes=3)


def test_a_throttled_mailbox_waits_at_least_as_long_as_the_server_says():
    block = after(Throttled("slow down", wait=7 * MINUTE), NOW, Block(), lambda: 0.0)

    assert block.until == NOW + 7 * MINUTE


def test_throttling_that_goes_on_waits_up_to_an_hour():
    block = repeat(Throttled("slow down", wait=5 * MINUTE), 10)

    assert block.until - block.since == timedelta(hours=1)


def test_a_kind_of_fault_is_counted_anew_after_another():
    block = repeat(ServerFault("cut"), 8)

    block = after(Throttled("slow", wait=5 * MINUTE), NOW, block, lambda: 1.0)

    assert (block.why, block.failures, block.until) == (Why.THROTTLED, 1, NOW + 5 * MINUTE)


def test_the_third_wrong_password_stops_until_it_changes():
    refused = LoginRefused("no")
    waits = [repeat(refused, n) for n in (1, 2)]
    stopped = repeat(refused, 3)

    assert [w.until - w.since for w in waits] == [MINUTE, 15 * MINUTE]
    assert stopped.why is Why.STOPPED
    assert not may_poll(stopped, NOW + timedelta(days=30), lambda: "a")
    assert may_poll(stopped, NOW, lambda: "b")


@pytest.mark.parametrize(
    "between", [ServerFault("cut"), Throttled("slow", wait=MINUTE), CertificateFault("expired")]
)
def test_other_trouble_in_between_gives_a_wrong_password_no_further_try(between):
    block = Block()
    for _ in range(3):
        block = after(LoginRefused("no"), NOW, block, lambda: 1.0, "a")
        last = block
        block = after(between, NOW, block, lambda: 1.0)
        block = Block.from_json(json.loads(json.dumps(block.to_json())))

    assert last.why is Why.STOPPED


def test_a_password_that_cannot_be_had_just_now_is_no_other_one():
    stopped = repeat(LoginRefused("no"), 3)

    assert not may_poll(stopped, NOW + timedelta(days=1), lambda: "")


def test_a_changed_password_is_counted_anew():
    block = after(LoginRefused("no"), NOW, repeat(LoginRefused("no"), 3), lambda: 1.0, "b")

    assert (block.why, block.failures) == (Why.LOGIN, 1)


def test_a_changed_password_need_not_wait():
    block = repeat(LoginRefused("no"), 2)

    assert may_poll(block, block.since + MINUTE, lambda: "b")
    assert not may_poll(block, block.since + MINUTE, lambda: "a")


def test_the_owner_may_say_try_again():
    block = retried(repeat(LoginRefused("no"), 3))

    assert may_poll(block, block.since, no_credential)
    assert after(LoginRefused("no"), NOW, block, lambda: 1.0, "a").why is Why.STOPPED


def test_an_outage_is_not_counted_as_a_wrong_password():
    block = Block()
    for _ in range(5):
        block = after(Throttled("[UNAVAILABLE]", wait=5 * MINUTE), NOW, block, lambda: 1.0, "a")

    assert block.why is Why.THROTTLED


def test_a_bad_certificate_is_tried_again_in_a_quarter_of_an_hour():
    block = repeat(CertificateFault("expired"), 4)

    assert block.until - block.since == 15 * MINUTE


def test_one_folder_blocks_nothing():
    assert after(FolderFault("gone"), NOW, Block(), lambda: 1.0) == Block()


def test_a_clock_that_was_set_back_does_not_keep_a_mailbox_blocked():
    block = repeat(ServerFault("cut"), 8)

    assert may_poll(block, NOW - timedelta(days=1), no_credential)


@pytest.mark.parametrize(
    "fault",
    [ServerFault("cut"), LoginRefused("no"), Throttled("slow", wait=MINUTE), CertificateFault("c")],
)
def test_a_block_survives_a_restart(fault):
    for times in range(1, 4):
        block = repeat(fault, times)

        assert Block.from_json(json.loads(json.dumps(block.to_json()))) == block


@pytest.mark.parametrize("plain", [{}, {"why": "rain"}, {"why": "login", "failures": "x"}])
def test_a_block_that_makes_no_sense_is_none(plain):
    assert Block.from_json(plain) == Block()


def test_a_fingerprint_changes_with_the_password_and_shows_nothing_of_it():
    class Word:
        reference = "test:"

        def __init__(self, value):
            self.value = value

        def reveal(self):
            return self.value

    one, same, other = (
        fingerprint(Server("h", 1, Security.TLS, "dana", Word(word)))
        for word in ("secret", "secret", "geheim")
    )

    assert one == same != other
    assert len(one) == 8
