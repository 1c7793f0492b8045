"""Days that a sentence names, in seven languages, from the day and zone of its writer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mailhours.reading.dates import dates

OSLO = ZoneInfo("Europe/Oslo")
WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def _days(text: str, sent: datetime = WEDNESDAY, zone: ZoneInfo = OSLO) -> list[tuple[str, str]]:
    return [(str(found.first), str(found.last)) for found in dates(text, sent, zone)]


def _one(day: str, last: str = "") -> list[tuple[str, str]]:
    return [(f"2026-{day}", f"2026-{last or day}")]


TOMORROW = _one("11-19")
DAY_AFTER = _one("11-20")
NEXT_WEEK = _one("11-23", "11-29")
END_OF_WEEK = _one("11-20")
END_OF_MONTH = _one("11-30")
IN_TWO_DAYS = _one("11-20")
FRIDAY = _one("11-20")
THE_27TH = _one("11-27")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("by Friday", FRIDAY),
        ("on Fri please", FRIDAY),
        ("until Friday at noon", FRIDAY),
        ("no later than this Friday", FRIDAY),
        ("tomorrow", TOMORROW),
        ("tomorrow morning", TOMORROW),
        ("today", _one("11-18")),
        ("by end of day", _one("11-18")),
        ("the day after tomorrow", DAY_AFTER),
        ("in two days", IN_TWO_DAYS),
        ("in 2 days", IN_TWO_DAYS),
        ("within a week", _one("11-18", "11-25")),
        ("within three working days", _one("11-18", "11-23")),
        ("next week", NEXT_WEEK),
        ("next Friday", _one("11-27")),
        ("Friday next week", _one("11-27")),
        ("by the end of the week", END_OF_WEEK),
        ("by the end of next week", _one("11-27")),
        ("end of the month", END_OF_MONTH),
        ("by the end of November", END_OF_MONTH),
        ("early next week", _one("11-23", "11-24")),
        ("mid December", _one("12-11", "12-20")),
        ("over the weekend", _one("11-21", "11-22")),
        ("after the weekend", _one("11-23")),
        ("27 Nov", THE_27TH),
        ("Nov 27th", THE_27TH),
        ("the 27th of November", THE_27TH),
        ("by the 27th", THE_27TH),
        ("27/11/2026", THE_27TH),
        ("2026-11-27", THE_27TH),
        ("next month", _one("12-01", "12-31")),
        ("this week", _one("11-18", "11-22")),
        ("last Friday", []),
        ("two days ago", []),
        ("since Monday", []),
        ("version 2.1 has 3 pages", []),
        ("at 10:30", []),
        ("I may send it", []),
        ("we sat down", []),
        ("the sun is too bright", []),
        ("second half", []),
    ],
)
def test_english_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("bis Freitag", FRIDAY),
        ("am Freitag", FRIDAY),
        ("morgen", TOMORROW),
        ("morgen früh", TOMORROW),
        ("Guten Morgen", []),
        ("übermorgen", DAY_AFTER),
        ("uebermorgen", DAY_AFTER),
        ("heute", _one("11-18")),
        ("in zwei Tagen", IN_TWO_DAYS),
        ("innerhalb einer Woche", _one("11-18", "11-25")),
        ("nächste Woche", NEXT_WEEK),
        ("kommende Woche", NEXT_WEEK),
        ("bis Ende der Woche", END_OF_WEEK),
        ("bis Ende nächster Woche", _one("11-27")),
        ("bis Ende des Monats", END_OF_MONTH),
        ("bis Monatsende", END_OF_MONTH),
        ("Anfang nächster Woche", _one("11-23", "11-24")),
        ("Mitte Dezember", _one("12-11", "12-20")),
        ("Ende November", END_OF_MONTH),
        ("am 27. November", THE_27TH),
        ("bis zum 27.11.", THE_27TH),
        ("27.11.2026", THE_27TH),
        ("am Wochenende", _one("11-21", "11-22")),
        ("letzten Freitag", []),
        ("vor zwei Tagen", []),
        ("seit Montag", []),
        ("nächsten Freitag", _one("11-27")),
        ("in 3 Werktagen", _one("11-23")),
    ],
)
def test_german_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("d'ici vendredi", FRIDAY),
        ("avant vendredi", FRIDAY),
        ("demain", TOMORROW),
        ("après-demain", DAY_AFTER),
        ("aujourd'hui", _one("11-18")),
        ("dans deux jours", IN_TWO_DAYS),
        ("sous huit jours", _one("11-18", "11-26")),
        ("la semaine prochaine", NEXT_WEEK),
        ("vendredi prochain", FRIDAY),
        ("d'ici la fin de la semaine", END_OF_WEEK),
        ("fin novembre", END_OF_MONTH),
        ("à la fin du mois", END_OF_MONTH),
        ("début décembre", _one("12-01", "12-10")),
        ("le 27 novembre", THE_27TH),
        ("avant le 27/11", THE_27TH),
        ("ce week-end", _one("11-21", "11-22")),
        ("vendredi dernier", []),
        ("il y a deux jours", []),
        ("depuis lundi", []),
    ],
)
def test_french_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("antes del viernes", FRIDAY),
        ("el viernes", FRIDAY),
        ("mañana", TOMORROW),
        ("por la mañana", []),
        ("pasado mañana", DAY_AFTER),
        ("hoy", _one("11-18")),
        ("en dos días", IN_TWO_DAYS),
        ("dentro de dos días", IN_TWO_DAYS),
        ("la próxima semana", NEXT_WEEK),
        ("la semana que viene", NEXT_WEEK),
        ("a finales de semana", END_OF_WEEK),
        ("a final de mes", END_OF_MONTH),
        ("a finales de noviembre", END_OF_MONTH),
        ("el 27 de noviembre", THE_27TH),
        ("el fin de semana", _one("11-21", "11-22")),
        ("el viernes pasado", []),
        ("hace dos días", []),
        ("desde el lunes", []),
    ],
)
def test_spanish_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("innen fredag", FRIDAY),
        ("til fredag", FRIDAY),
        ("på fredag", FRIDAY),
        ("i morgen", TOMORROW),
        ("imorgen", TOMORROW),
        ("god morgen", []),
        ("i overmorgen", DAY_AFTER),
        ("i dag", _one("11-18")),
        ("i kveld", _one("11-18")),
        ("om to dager", IN_TWO_DAYS),
        ("i løpet av uka", _one("11-18", "11-22")),
        ("neste uke", NEXT_WEEK),
        ("neste fredag", _one("11-27")),
        ("innen utgangen av uken", END_OF_WEEK),
        ("i slutten av måneden", END_OF_MONTH),
        ("i begynnelsen av neste uke", _one("11-23", "11-24")),
        ("27. november", THE_27TH),
        ("innen 27.11.", THE_27TH),
        ("innen 27.11", THE_27TH),
        ("i helgen", _one("11-21", "11-22")),
        ("etter helga", _one("11-23")),
        ("til uka", NEXT_WEEK),
        ("om et par dager", IN_TWO_DAYS),
        ("i løpet av dagen", _one("11-18")),
        ("mandag morgen", _one("11-23")),
        ("forrige fredag", []),
        ("for to dager siden", []),
        ("siden mandag", []),
    ],
)
def test_norwegian_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("do petka", FRIDAY),
        ("u petak", FRIDAY),
        ("najkasnije do petka", FRIDAY),
        ("sutra", TOMORROW),
        ("prekosutra", DAY_AFTER),
        ("danas", _one("11-18")),
        ("za dva dana", IN_TWO_DAYS),
        ("kroz tjedan dana", _one("11-25")),
        ("sljedeći tjedan", NEXT_WEEK),
        ("sljedeci tjedan", NEXT_WEEK),
        ("idući tjedan", NEXT_WEEK),
        ("do kraja tjedna", END_OF_WEEK),
        ("do kraja mjeseca", END_OF_MONTH),
        ("krajem studenog", END_OF_MONTH),
        ("početkom idućeg tjedna", _one("11-23", "11-24")),
        ("27. studenoga", THE_27TH),
        ("do 27.11.", THE_27TH),
        ("za vikend", _one("11-21", "11-22")),
        ("prošli petak", []),
        ("prije dva dana", []),
        ("od ponedjeljka", []),
        ("do srijede", _one("11-25")),
        ("u sredu", _one("11-25")),
        ("slijedeći tjedan", NEXT_WEEK),
        ("sledeće nedelje", _one("11-29")),
        ("u roku od tri dana", _one("11-18", "11-21")),
        ("u roku 5 radnih dana", _one("11-18", "11-25")),
    ],
)
def test_croatian_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("в пятницу", FRIDAY),
        ("до пятницы", FRIDAY),
        ("к пятнице", FRIDAY),
        ("завтра", TOMORROW),
        ("послезавтра", DAY_AFTER),
        ("сегодня", _one("11-18")),
        ("через два дня", IN_TWO_DAYS),
        ("через неделю", _one("11-25")),
        ("в течение недели", _one("11-18", "11-25")),
        ("на следующей неделе", NEXT_WEEK),
        ("на этой неделе", _one("11-18", "11-22")),
        ("до конца недели", END_OF_WEEK),
        ("в конце месяца", END_OF_MONTH),
        ("до конца ноября", END_OF_MONTH),
        ("в начале следующей недели", _one("11-23", "11-24")),
        ("27 ноября", THE_27TH),
        ("до 27-го ноября", THE_27TH),
        ("до 27.11", THE_27TH),
        ("на выходных", _one("11-21", "11-22")),
        ("в течение дня", _one("11-18")),
        ("к 25-му", _one("11-25")),
        ("до 25 числа", _one("11-25")),
        ("ко вторнику", _one("11-24")),
        ("в прошлую пятницу", []),
        ("два дня назад", []),
        ("с понедельника", []),
    ],
)
def test_russian_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("text", "sent", "first", "last"),
    [
        pytest.param("by Wednesday", (2026, 11, 18), "2026-11-25", "2026-11-25", id="same weekday"),
        pytest.param("today", (2026, 11, 18), "2026-11-18", "2026-11-18", id="today"),
        pytest.param("by Monday", (2026, 11, 22), "2026-11-23", "2026-11-23", id="sunday"),
        pytest.param(
            "next week", (2026, 11, 22), "2026-11-23", "2026-11-29", id="week from sunday"
        ),
        pytest.param(
            "next week", (2026, 11, 23), "2026-11-30", "2026-12-06", id="week from monday"
        ),
        pytest.param("tomorrow", (2026, 12, 31), "2027-01-01", "2027-01-01", id="year turn"),
        pytest.param("by 5 January", (2026, 12, 20), "2027-01-05", "2027-01-05", id="next year"),
        pytest.param("by 20 December", (2026, 12, 20), "2026-12-20", "2026-12-20", id="that day"),
        pytest.param("end of the month", (2027, 2, 3), "2027-02-28", "2027-02-28", id="february"),
        pytest.param("end of the month", (2028, 2, 3), "2028-02-29", "2028-02-29", id="leap year"),
        pytest.param("next month", (2027, 1, 31), "2027-02-01", "2027-02-28", id="short month"),
        pytest.param(
            "by the 31st", (2026, 11, 18), "2026-12-31", "2026-12-31", id="no 31 november"
        ),
        pytest.param("by the 5th", (2026, 11, 18), "2026-12-05", "2026-12-05", id="day gone by"),
        pytest.param("29 February", (2026, 11, 18), "2028-02-29", "2028-02-29", id="29 february"),
        pytest.param("end of the week", (2026, 11, 21), "2026-11-21", "2026-11-22", id="saturday"),
        pytest.param("in 3 weeks", (2026, 12, 20), "2027-01-10", "2027-01-10", id="weeks"),
        pytest.param("in a month", (2026, 1, 31), "2026-02-28", "2026-02-28", id="month length"),
    ],
)
def test_days_at_the_edges_of_calendars(
    text: str, sent: tuple[int, int, int], first: str, last: str
) -> None:
    assert _days(text, datetime(*sent, 9, tzinfo=UTC)) == [(first, last)]


def test_the_day_is_that_of_the_writers_zone() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)

    assert _days("tomorrow", late, ZoneInfo("UTC")) == [("2026-11-19", "2026-11-19")]
    assert _days("tomorrow", late, OSLO) == [("2026-11-20", "2026-11-20")]
    assert _days("tomorrow", late, ZoneInfo("America/New_York")) == [("2026-11-19", "2026-11-19")]


def test_english_alone_reads_the_month_first() -> None:
    def read(languages: tuple[str, ...]) -> list[date]:
        return [found.last for found in dates("by 12/5", WEDNESDAY, OSLO, languages)]

    assert read(("en",)) == [date(2026, 12, 5)]
    assert read(("en", "nb")) == [date(2027, 5, 12)]


def test_the_place_of_a_day_is_kept() -> None:
    text = "I'll send it by Friday, the rest next week."

    assert [text[f.start : f.end] for f in dates(text, WEDNESDAY, OSLO)] == ["Friday", "next week"]


@pytest.mark.parametrize("text", ["99/99/9999", "31.02.2026", "in 99999 days", "9" * 400, "\x00"])
def test_what_is_no_day_gives_none(text: str) -> None:
    assert _days(text) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("innerhalb von drei Werktagen", _one("11-18", "11-23")),
        ("in ein paar Tagen", _one("11-21")),
        ("Anfang nächster Woche", _one("11-23", "11-24")),
        ("en janvier", [("2027-01-01", "2027-01-31")]),
        ("ce soir", _one("11-18")),
        ("mi-décembre", _one("12-11", "12-20")),
        ("début de semaine prochaine", _one("11-23", "11-24")),
        ("sous trois jours ouvrés", _one("11-18", "11-23")),
        ("en enero", [("2027-01-01", "2027-01-31")]),
        ("a principios de la semana que viene", _one("11-23", "11-24")),
        ("el viernes que viene", FRIDAY),
        ("pasado mañana", DAY_AFTER),
    ],
)
def test_shapes_of_german_french_and_spanish_days(text: str, days: list[tuple[str, str]]) -> None:
    assert _days(text) == days
