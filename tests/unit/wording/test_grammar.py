"""Days and names in a sentence: the case that a preposition wants, the marks that quote."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailhours.wording import dates, grammar
from mailhours.wording.render import Wording

MONDAY = date(2026, 3, 2)
SINCE = {
    "ru": [
        "с понедельника, 2 марта",
        "со вторника, 3 марта",
        "со среды, 4 марта",
        "с четверга, 5 марта",
        "с пятницы, 6 марта",
        "с субботы, 7 марта",
        "с воскресенья, 8 марта",
    ],
    "hr": [
        "od ponedjeljka, 2. ožujka",
        "od utorka, 3. ožujka",
        "od srijede, 4. ožujka",
        "od četvrtka, 5. ožujka",
        "od petka, 6. ožujka",
        "od subote, 7. ožujka",
        "od nedjelje, 8. ožujka",
    ],
}
ON = {
    "ru": [
        "в понедельник, 2 марта",
        "во вторник, 3 марта",
        "в среду, 4 марта",
        "в четверг, 5 марта",
        "в пятницу, 6 марта",
        "в субботу, 7 марта",
        "в воскресенье, 8 марта",
    ],
    "hr": [
        "u ponedjeljak, 2. ožujka",
        "u utorak, 3. ožujka",
        "u srijedu, 4. ožujka",
        "u četvrtak, 5. ožujka",
        "u petak, 6. ožujka",
        "u subotu, 7. ožujka",
        "u nedjelju, 8. ožujka",
    ],
}


@pytest.mark.parametrize("language", ["ru", "hr"])
def test_every_weekday_has_its_cases_and_its_preposition(language: str) -> None:
    days = [dates.day(MONDAY + timedelta(days=n), language) for n in range(7)]

    assert [grammar.since(day, language) for day in days] == SINCE[language]
    assert [grammar.on(day, language) for day in days] == ON[language]


@pytest.mark.parametrize("language", ["en", "nb", "de", "fr", "es"])
def test_a_language_without_cases_leaves_a_day_as_it_is(language: str) -> None:
    day = dates.day(MONDAY, language)

    for written in (grammar.since, grammar.on, grammar.genitive, grammar.accusative):
        assert written(day, language) == day


def test_a_day_in_another_zone_is_inflected_too() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    said = dates.moment(late, ZoneInfo("Europe/Oslo"), "ru", ZoneInfo("America/New_York"))

    assert grammar.genitive(said, "ru") == (
        "вторника, 3 марта, 00:30 (Осло) / понедельника, 2 марта, 18:30 (Нью-Йорк)"
    )


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Monday 2 March, 15:00 (Oslo)"),
        ("nb", "mandag 2. mars kl. 15:00 (Oslo)"),
        ("hr", "ponedjeljak, 2. ožujka u 15:00 (Oslo)"),
        ("ru", "понедельник, 2 марта, в 15:00 (Осло)"),
        ("de", "Montag, 2. März, 15:00 Uhr (Oslo)"),
        ("fr", "lundi 2 mars à 15:00 (Oslo)"),
        ("es", "lunes 2 de marzo a las 15:00 (Oslo)"),
    ],
)
def test_a_moment_is_written_as_people_say_it(language: str, written: str) -> None:
    at = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)

    assert dates.moment(at, ZoneInfo("Europe/Oslo"), language) == written


def test_one_o_clock_is_feminine_singular_in_spanish() -> None:
    at = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)

    assert "a la 01:15" in dates.moment(at, ZoneInfo("Europe/Oslo"), "es")


@pytest.mark.parametrize(
    ("language", "subject", "written"),
    [
        ("en", 'the "new" logo', "\"the 'new' logo\""),
        ("nb", "den «nye» logoen", "«den ‘nye’ logoen»"),
        ("hr", "„novi” logotip", "„‚novi’ logotip”"),
        ("ru", "«новый» логотип", "«„новый“ логотип»"),
        ("de", "das „neue“ Logo", "„das ‚neue‘ Logo“"),
        ("fr", "le « nouveau » logo", "«\u00a0le “ nouveau ” logo\u00a0»"),
        ("es", "el «nuevo» logo", "«el “nuevo” logo»"),
    ],
)
def test_quotation_marks_inside_of_a_subject_become_inner_ones(
    language: str, subject: str, written: str
) -> None:
    assert grammar.quoted(subject, language) == written


def test_no_french_line_begins_with_a_sign_of_two_parts() -> None:
    words = Wording({"fr/x.txt": "Votre message « {{ name }} » : lu ?\n- : non"})

    said = words.render("x.txt", "fr", {"name": "Logo"})

    assert said == "Votre message «\u00a0Logo\u00a0»\u00a0: lu\u00a0?\n- : non\n"


def test_an_owners_template_has_the_same_filters() -> None:
    words = Wording({"ru/x.txt": "{{ day | on }}, {{ name | quoted }}, {{ day | since }}"})

    said = words.render("x.txt", "ru", {"day": "среда, 4 марта", "name": "Сайт"})

    assert said == "в среду, 4 марта, «Сайт», со среды, 4 марта\n"
