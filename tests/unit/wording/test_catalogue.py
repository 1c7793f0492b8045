"""The catalogues of phrases: the same names, fields and plurals in every language."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel import Locale

from mailhours.checkin import compose, feedback, limits, payment, restraint
from mailhours.model.client import Money
from mailhours.model.duration import Duration
from mailhours.wording import dates
from mailhours.wording.catalogue import MissingWording, words
from mailhours.wording.dates import LANGUAGES

FIELD = re.compile(r"\{(\w+)\}")
OTHERS = [language for language in LANGUAGES if language != "en"]
# CLDR's `many` of French and Spanish is for millions, which nobody has in a mailbox.
MILLIONS = {"fr": {"many"}, "es": {"many"}}


def forms(phrase) -> list[str]:
    return [phrase] if isinstance(phrase, str) else list(phrase.values())


def fields(phrase) -> set[str]:
    return {field for form in forms(phrase) for field in FIELD.findall(form)}


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_phrases_of_english_and_no_others(language):
    assert set(words(language).phrases) == set(words("en").phrases)


@pytest.mark.parametrize("language", OTHERS)
def test_a_phrase_has_the_same_fields_in_every_language(language):
    english, other = words("en").phrases, words(language).phrases

    assert {name: fields(other[name]) for name in english} == {
        name: fields(phrase) for name, phrase in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_every_form_that_its_language_counts_with(language):
    tags = set(Locale.parse(language).plural_form.tags) | {"other"}
    needed = tags - MILLIONS.get(language, set())
    for name, phrase in words(language).phrases.items():
        if not isinstance(phrase, str):
            assert set(phrase) == needed, name


@pytest.mark.parametrize("language", OTHERS)
def test_every_reason_of_restraint_is_translated(language):
    stages = (restraint, limits, payment)
    source = "\n".join(stage.__loader__.get_source(stage.__name__) for stage in stages)
    said = re.findall(r'(?:return|else|why = "" if to else|\() ?f?"([a-z{][^"\n]{8,})"', source)
    for stage in (compose, feedback):
        missing = stage.__loader__.get_source(stage.__name__)
        said += re.findall(r'MissingWording\(f?"(no [^"\n]+)"', missing)
    assert len(said) > 30
    for reason in said:
        english = re.sub(r"\{[^}]*\}", "7", reason)
        assert words(language).reason(english) != english, reason


NOTICES = (
    "approve r1: done",
    "paid 7: not done: there is no invoice '7'",
    "hold: not understood: write hold CLIENT",
    "no mail can be sent: smtp.example: the login was refused: 535 no",
    "main: imap.example:993: the login was refused: NO",
    "imap.example:993: the server closed the connection",
    "copies of mails that left could not be filed: x",
    "the fuse has blown at 2026-03-04T10:00: 50 mails in one day; say start to go on",
    "kari@fjord.example: our mail r1 came back (Re: Homepage)",
    "mail of clients lay in folders that are not read: Junk: Fjord (2)",
    "it came less than ten minutes before the check-in",
)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_of_the_service_is_translated(language, notice):
    assert words(language).reason(notice) != notice


def test_what_stands_in_a_notice_is_translated_too():
    notice = "no mail can be sent: smtp.example: the login was refused: 535 no"

    assert words("de").reason(notice) == (
        "es kann keine Mail gesendet werden: smtp.example: die Anmeldung wurde abgelehnt: 535 no"
    )


def test_a_reason_that_nobody_translated_stays_english():
    assert words("nb").reason("something quite new") == "something quite new"


def test_a_reason_keeps_what_it_names():
    reason = words("de").reason("the address is frozen: 550 {no} such user")

    assert reason == "die Adresse ist gesperrt: 550 {no} such user"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        pytest.param("ru", 1, "1 рабочий день", id="ru 1"),
        pytest.param("ru", 3, "3 рабочих дня", id="ru 3"),
        pytest.param("ru", 11, "11 рабочих дней", id="ru 11"),
        pytest.param("ru", 21, "21 рабочий день", id="ru 21"),
        pytest.param("hr", 2, "2 radna dana", id="hr 2"),
        pytest.param("hr", 12, "12 radnih dana", id="hr 12"),
        pytest.param("nb", 2, "2 virkedager", id="nb 2"),
        pytest.param("fr", 0, "0 jour ouvré", id="fr 0"),
        pytest.param("en", 1, "1 working day", id="en 1"),
    ],
)
def test_a_plural_is_chosen_as_the_language_counts(language, count, said):
    assert words(language).say("duration.business_day", n=count) == said


def test_what_is_filled_in_is_not_read_again():
    assert words("en").say("punctuation.quoted", text="{n} {text}") == "“{n} {text}”"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        pytest.param("no.such", {}, id="no phrase"),
        pytest.param("subject.late", {}, id="no count"),
        pytest.param("punctuation.quoted", {}, id="no field"),
    ],
)
def test_half_a_phrase_is_not_said(name, given):
    with pytest.raises(MissingWording):
        words("en").say(name, **given)


def test_a_language_that_is_not_written_is_refused():
    with pytest.raises(MissingWording, match="no phrases in 'tlh'"):
        words("tlh")


def test_spans_sums_and_durations_are_written_as_the_language_does():
    assert words("en").span(timedelta(hours=3, minutes=20, seconds=59)) == "3 h\u00a020 min"
    assert words("de").span(timedelta(0)) == "0 Min."
    assert words("en").money(Money(Decimal("1200.00"), "EUR")) == "1,200.00\u00a0EUR"
    assert words("de").money(Money(Decimal("1200.00"), "EUR")) == "1.200,00\u00a0EUR"
    assert words("en").money(Money(Decimal(1200), "JPY")) == "1,200\u00a0JPY"
    assert words("nb").duration(Duration.parse("1 business day")) == "1 virkedag"


@pytest.mark.parametrize(
    ("day", "language", "said"),
    [
        pytest.param("2026-03-01", "fr", "dimanche 1er mars 2026", id="the first in French"),
        pytest.param("2026-05-11", "fr", "lundi 11 mai 2026", id="the eleventh in French"),
        pytest.param("2026-03-01", "es", "domingo, 1 de marzo de 2026", id="the first in Spanish"),
        pytest.param("2026-03-01", "de", "Sonntag, 1. März 2026", id="the first in German"),
    ],
)
def test_the_first_of_a_month_is_written_as_each_language_does(day, language, said):
    assert dates.full_day(date.fromisoformat(day), language) == said


def test_every_way_to_write_a_french_first_counts_it():
    first = date(2026, 4, 1)
    ways = (dates.day, dates.short_day, dates.tick, dates.long_day, dates.table_day, dates.full_day)

    assert all("1er avr" in way(first, "fr") for way in ways)
