"""Until when somebody is away, in fifteen languages; mails of Friday, 1 May 2026."""

from datetime import date

import pytest

from mailhours.reading.away import AwayWords

WORDS = AwayWords()
SENT = date(2026, 5, 1)
EIGHTH, ELEVENTH = date(2026, 5, 8), date(2026, 5, 11)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("I am out of the office until May 8 and will have limited access to my email.", EIGHTH),
        ("Out of office. I will be back on Monday 11 May 2026.", ELEVENTH),
        ("I'm on vacation from 5 to 8 May.", EIGHTH),
        ("I'm on vacation May 5 - May 8, returning 05/11/2026.", ELEVENTH),
        ("I am out of the office through Friday, May 8th.", EIGHTH),
        ("I am on leave, back on Monday.", date(2026, 5, 4)),
        ("I am away and will return next week.", date(2026, 5, 4)),
        ("I am away today and back tomorrow.", date(2026, 5, 2)),
        ("Jeg er ikke på kontoret. Jeg er tilbake mandag 11. mai.", ELEVENTH),
        ("Takk for din e-post. Jeg har ferie til og med 08.05.2026.", EIGHTH),
        ("Jeg har ferie t.o.m. 8/5.", EIGHTH),
        ("Jag är på semester och åter på kontoret den 11 maj.", ELEVENTH),
        ("Jag är frånvarande till och med 2026-05-08.", EIGHTH),
        ("Jeg holder ferie frem til den 8. maj og er tilbage igen d. 11. maj.", ELEVENTH),
        ("Nisam u uredu do 8. svibnja 2026. Vraćam se 11.5.", ELEVENTH),
        ("Na godišnjem sam odmoru od 4. do 8. svibnja.", EIGHTH),
        ("Здравствуйте! Я в отпуске с 4 по 8 мая. Вернусь 11 мая.", ELEVENTH),
        ("Нахожусь в отпуске до 08.05.2026", EIGHTH),
        ("Ich bin bis einschließlich Freitag, den 8. Mai 2026 nicht im Büro.", EIGHTH),
        ("Ich bin im Urlaub. Ab dem 11.05. bin ich wieder im Büro.", ELEVENTH),
        ("Ich bin vom 04.05.2026 bis 08.05.2026 abwesend.", EIGHTH),
        ("Je suis absent du bureau du 4 au 8 mai inclus.", EIGHTH),
        ("Je suis en congés jusqu'au vendredi 8 mai. De retour le lundi 11 mai 2026.", ELEVENTH),
        ("Estoy de vacaciones hasta el 8 de mayo de 2026.", EIGHTH),
        ("Estaré fuera de la oficina del 4 al 8 de mayo.", EIGHTH),
        ("Sono fuori ufficio dal 4 all'8 maggio. Rientro lunedì 11 maggio.", ELEVENTH),
        ("Sarò assente fino all’8 maggio", EIGHTH),
        ("Estou de férias até 8 de maio. Regresso no dia 11 de maio de 2026.", ELEVENTH),
        ("Ik ben afwezig tot en met vrijdag 8 mei. Vanaf maandag 11 mei ben ik er weer.", ELEVENTH),
        ("Jestem na urlopie do 8 maja 2026 r. Wracam do biura 11 maja.", ELEVENTH),
        ("W dniach 4-8 maja jestem nieobecny.", EIGHTH),
        ("Olen lomalla 4.5.-8.5.2026.", EIGHTH),
        ("Olen lomalla 8.5. asti. Palaan töihin maanantaina 11.5.", ELEVENTH),
        ("Jsem na dovolené do 8. května 2026, vrátím se 11. 5. 2026.", ELEVENTH),
        ("Esmu atvaļinājumā līdz 8. maijam. Atgriezīšos darbā 11. maijā.", ELEVENTH),
        ("AUTO: Kari Nordmann is out of the office (returning 05/11/2026)", ELEVENTH),
    ],
)
def test_the_day_is_read(text, until):
    away = WORDS.read(text, SENT)

    assert away.until == until
    assert away.says


def test_typing_without_diacritics_works():
    assert WORDS.read("Jeg har ferie. Tilbake mandag 11. mai.", SENT).until == ELEVENTH
    assert WORDS.read("Nisam u uredu. Vracam se 11. svibnja.", SENT).until == ELEVENTH


def test_a_range_has_a_first_day():
    assert WORDS.read("I am on vacation from 4 to 8 May.", SENT).first == date(2026, 5, 4)


def test_a_day_without_a_year_lies_ahead():
    assert WORDS.read("Out of office, back on 2 January.", date(2026, 12, 28)).until == date(
        2027, 1, 2
    )
    assert WORDS.read("Out of office until 28 April.", SENT).until == date(2026, 4, 28)


def test_a_number_date_of_either_order_is_the_one_that_comes_sooner():
    assert WORDS.read("Out of office until 05/06/2026.", SENT).until == date(2026, 5, 6)
    assert WORDS.read("Out of office until 05/06/2026.", date(2026, 5, 20)).until == date(
        2026, 6, 5
    )


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office.",
        "I am out of the office until 8 May 2031.",
        "I am out of the office until 45/45/2026.",
        "I am out of the office until 31 June.",
        "I was on vacation in 2020, until 3 May 2020.",
    ],
)
def test_no_day_or_an_unbelievable_one_is_none(text):
    assert WORDS.read(text, SENT).until is None


def test_a_text_that_says_nothing_of_absence_says_nothing():
    assert not WORDS.says("Can you send the logo by Friday?")


def test_october_and_november_share_a_name_and_keep_apart():
    assert WORDS.read("Na godišnjem sam do 8. listopada.", date(2026, 10, 1)).until == date(
        2026, 10, 8
    )
    assert WORDS.read("Jestem na urlopie do 8 listopada.", date(2026, 11, 1)).until == date(
        2026, 11, 8
    )
