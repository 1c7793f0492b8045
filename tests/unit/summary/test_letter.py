"""Letters say what is enforced, in the client's language, and nothing else."""

import re
from datetime import date

import pytest

from builders import a_calendar, a_client, a_person, an_agreement, an_owner, office_hours
from mailhours.model.duration import Duration
from mailhours.summary.letter import (
    change_of_terms,
    changes,
    signature,
    voicemail,
    working_together,
)
from mailhours.wording.dates import LANGUAGES
from mailhours.wording.render import Wording
from unit.summary.golden import agrees
from unit.summary.pages import check
from unit.summary.test_pages_of_the_day import HOSTILE

WORDING = Wording()
DAY = date(2026, 3, 4)
JUNE = date(2026, 6, 1)


def the_owner():
    return an_owner(urgent="+47 000 00 000, for a site that is down")


def the_client(**changes: object):
    now = an_agreement(turnaround=Duration.parse("3 business days"))
    later = an_agreement(
        "2 business days", valid_from=JUNE, revision_rounds=3, payment=Duration.parse("30 days")
    )
    return a_client(agreements=(now, later), **changes)


@pytest.mark.parametrize("formal", [False, True], ids=["informal", "formal"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_reads_well_in_the_clients_language(language, formal):
    client = the_client(language=language, formal=formal)
    letter = working_together(the_owner(), client, DAY, WORDING)
    change = change_of_terms(the_owner(), client, JUNE, WORDING)
    name = f"{language}.{'formal' if formal else 'informal'}"

    assert change is not None
    agrees(
        f"letter/{name}.txt",
        f"Subject: {letter.subject}\n\n{letter.text}\n\nSubject: {change.subject}\n\n{change.text}",
    )
    for one in (letter, change):
        check(one.html, language)
        assert len(one.text) <= 900
        assert one.text.count("!") <= (language == "ru")
        assert one.to == "kari@fjord.example"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_figures_stand_in_every_language(language):
    letter = working_together(the_owner(), the_client(language=language), DAY, WORDING)

    numbers = re.findall(r"\d+(?::\d\d)?", letter.text)
    assert numbers == ["10:00", "15:00", "1", "3", "3", "2", "14", "47", "000", "00", "000"]


def test_a_change_names_its_day_and_what_held_until_then():
    change = change_of_terms(the_owner(), the_client(), JUNE, WORDING)

    assert change is not None
    assert "From Monday, 1 June 2026 on" in change.text
    assert "- My answer comes within: 2 working days (until then: 1 working day)" in change.text
    assert "- Time for changes: not agreed (until then: 3 working days)" in change.text
    assert "contact" not in change.text


def test_other_check_in_hours_are_a_change_too():
    hours = (office_hours(), office_hours(valid_from=JUNE, check_ins=("11:00",)))
    owner = an_owner(calendar=a_calendar(*hours))
    change = change_of_terms(owner, a_client(), JUNE, WORDING)

    assert change is not None
    assert "Monday–Friday, 11:00 (Oslo) (until then: Monday–Friday, 10:00 and 15:00" in change.text


def test_without_a_change_there_is_no_letter():
    assert change_of_terms(the_owner(), a_client(), JUNE, WORDING) is None
    assert change_of_terms(the_owner(), the_client(), DAY, WORDING) is None
    same = (an_agreement(), an_agreement(valid_from=JUNE))
    assert change_of_terms(the_owner(), a_client(agreements=same), JUNE, WORDING) is None


def test_the_days_of_changes_to_come_are_known():
    hours = (office_hours(), office_hours(valid_from=date(2026, 5, 4), check_ins=("11:00",)))
    owner = an_owner(calendar=a_calendar(*hours))

    assert changes(owner, the_client(), DAY) == [date(2026, 5, 4), JUNE]
    assert changes(owner, the_client(), JUNE) == []


def test_what_is_not_agreed_is_not_mentioned():
    bare = an_agreement(contact="", revision_rounds=None, payment=None)
    letter = working_together(an_owner(), a_client(agreements=(bare,)), DAY, WORDING)

    assert letter.text.count("\n- ") == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_signature_and_voicemail_come_from_the_same_data(language):
    words = WORDING.words(language)
    both = (
        f"{signature(the_owner(), DAY, words, the_client())}\n{voicemail(the_owner(), DAY, words)}"
    )

    agrees(f"letter/{language}.signature.txt", both)
    assert both.count("10:00") == 2


def test_a_signature_without_a_client_promises_no_time():
    assert "within" not in signature(the_owner(), DAY, WORDING.words("en"))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        pytest.param([0, 1, 2, 3, 4], "Monday–Friday", id="a run"),
        pytest.param([0, 1, 3], "Monday, Tuesday and Thursday", id="single days"),
        pytest.param([0, 2, 3, 4], "Monday and Wednesday–Friday", id="both"),
        pytest.param([], "", id="none"),
    ],
)
def test_weekdays_are_written_as_runs(days, said):
    assert WORDING.words("en").weekdays(days) == said


@pytest.mark.parametrize("attack", HOSTILE, ids=lambda attack: attack[:6])
def test_a_hostile_name_does_no_harm_to_a_letter(attack):
    client = a_client(name=attack, people=(a_person(attack),))
    letter = working_together(an_owner(urgent=attack), client, DAY, WORDING)

    check(letter.html, "en")
    assert "\nBcc:" not in letter.text
    assert "\u202e" not in letter.text + letter.html
