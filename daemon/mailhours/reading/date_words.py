"""The words of dates in every language: one code letter for each role that a word plays.

`dates` turns a sentence into a string of these codes and looks for the shapes of dates in it. Words
are folded. Where languages disagree about a word, the commoner reading in mail is taken.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from mailhours.reading.sentences import fold, variants


def _words(words: str) -> frozenset[str]:
    """Return the folded words of a text."""
    return frozenset(map(fold, words.split()))


# A day, counted from the day of writing.
DAYS: Final = {
    0: (
        "today tonight eod cob heute heut idag danas večeras сегодня aujourd'hui hoy dag^i"
        " kveld^i ettermiddag^i formiddag^i"
    ),
    1: ("tomorrow tmrw tmr tomorow tommorow morgen^i imorgen morgen sutra завтра demain mañana"),
    2: "overmorrow overmorgen^i iovermorgen übermorgen prekosutra послезавтра après-demain",
}
WEEKDAYS: Final = (
    (
        "monday mon mandag mandagen ponedjeljak ponedjeljka ponedjeljkom ponedeljak ponedeljka"
        " pon понедельник"
        " понедельника понедельнику пн montag lundi lunes"
    ),
    (
        "tuesday tue tues tirsdag tirsdagen utorak utorka utorkom uto вторник вторника"
        " вторнику вт dienstag mardi martes"
    ),
    (
        "wednesday wed onsdag onsdagen srijeda srijede srijedu srijedom sreda sredu"
        " среда среду среды"
        " среде ср mittwoch mercredi miércoles"
    ),
    (
        "thursday thu thur thurs torsdag torsdagen četvrtak četvrtka četvrtkom четверг"
        " четверга четвергу чт donnerstag jeudi jueves"
    ),
    (
        "friday fri fredag fredagen petak petka petkom пятница пятницу пятницы пятнице пт"
        " freitag vendredi viernes"
    ),
    (
        "saturday sat lørdag lørdagen subota subote subotu subotom суббота субботу субботы"
        " субботе сб samstag sonnabend samedi sábado"
    ),
    (
        "sunday sun søndag søndagen nedjelja nedjelje nedjelju nedjeljom nedelja nedelje nedelju"
        " воскресенье"
        " воскресенья воскресенью вс sonntag dimanche domingo"
    ),
)
MONTHS: Final = (
    ("january jan januar jänner siječanj siječnja siječnju январь января январе janvier enero ene"),
    ("february feb februar veljača veljače veljači февраль февраля феврале février févr febrero"),
    "march mar mars märz ožujak ožujka ožujku март марта марте marzo",
    "april apr travanj travnja travnju апрель апреля апреле avril avr abril abr",
    "may mai svibanj svibnja svibnju май мая мае mayo",
    "june jun juni lipanj lipnja lipnju июнь июня июне juin junio",
    "july jul juli srpanj srpnja srpnju июль июля июле juillet juil julio",
    "august aug kolovoz kolovoza kolovozu август августа августе août agosto ago",
    "september sep sept rujan rujna rujnu сентябрь сентября сентябре septembre septiembre",
    (
        "october oct oktober okt listopad listopada listopadu октябрь октября октябре octobre"
        " octubre"
    ),
    ("november nov studeni studenog studenoga studenom ноябрь ноября ноябре novembre noviembre"),
    (
        "december dec desember des dezember dez prosinac prosinca prosincu декабрь декабря"
        " декабре décembre déc diciembre dic"
    ),
)
NUMBERS: Final = {
    1: (
        "one a an en ett én et jedan jednog jedno jednu один одну одного ein eine einem einer"
        " einen un une una uno"
    ),
    2: "two couple to dva dvije два две двух пару zwei deux dos par",
    3: (
        "three few tre noen tri три трех drei trois tres nekoliko несколько paar einigen"
        " quelques unos"
    ),
    4: "four fire četiri четыре четырех vier quatre cuatro",
    5: "five fem pet пять пяти fünf cinq cinco",
    6: "six seks šest шесть шести sechs seis",
    7: "seven sju syv sedam семь семи sieben sept-jours siete",
    8: "eight åtte osam восемь acht huit ocho",
    10: "ten ti deset десять zehn dix diez",
    14: "fourteen fjorten četrnaest четырнадцать vierzehn quinze quince",
}
# What a number counts; the value is in days, hours as 0.
UNITS: Final = {
    "h": (
        "hour hours hrs time timer sat sata sati час часа часов stunde stunden heure heures"
        " hora horas"
    ),
    "y": "day days dager døgn dag dan dana день дня дней tag tage tagen jour jours día días",
    "B": "virkedager virkedag arbeidsdager werktage werktagen werktag arbeitstage arbeitstagen",
    "W": (
        "week weeks uke uka uken uker tjedan tjedna tjednu tjedana tjednom неделя неделю"
        " недели неделе недель woche wochen semaine semaines semana semanas"
    ),
    "M": (
        "month months måned måneden måneder mnd mjesec mjeseca mjesecu mjeseci месяц месяца"
        " месяце месяцев monat monats monate monaten mois mes meses"
    ),
}
ROLES: Final = {
    "n": (
        "next following coming neste kommende sljedeći sljedećeg sljedećem sljedeća sljedeće"
        " sljedeću idući idućeg iduća iduće iduću slijedeći slijedećeg slijedeća slijedeće"
        " slijedeću sledeći sledećeg"
        " sledeća sledeće sledeću следующий следующую следующей следующего"
        " следующем след nächste nächsten nächster nächstes kommenden kommende prochain"
        " prochaine próximo próxima viene siguiente"
    ),
    "t": (
        "this denne dette ovaj ovog ovom ova ove ovu этот эту этой этого этом diese dieser"
        " diesen dieses ce cette este esta"
    ),
    "l": (
        "last previous past earlier forrige sist prošli prošlog prošle prošlom prošla prošlu"
        " прошлый прошлую прошлой прошлого прошлом letzte letzten letzter letztes vorige"
        " voriger vorigen dernier dernière pasado pasada"
    ),
    "e": (
        "end slutten utgangen enden kraj kraja kraju konca konac krajem конец конца концу"
        " конце ende fin finales final"
    ),
    "b": (
        "beginning start early starten begynnelsen begynnelse početak početka početkom"
        " početku начало начале началу начала anfang beginn début principios comienzos inicio"
    ),
    "x": (
        "mid middle midten midt sredina sredine sredinom sredini середина середине середины"
        " mitte milieu mediados"
    ),
    "i": (
        "in within inside om innen za kroz unutar через binnen innerhalb dans sous течение dentro"
    ),
    "c": "during løpet laufe courant transcurso curso tijekom roku",
    "a": "ago siden назад",
    "p": "vor prije hace",
    "s": "since seit siden depuis desde od с со",
    "k": (
        "weekend helga helgen helg vikend vikenda vikendu выходных выходные wochenende week-"
        " end finde"
    ),
    "f": (
        "of the on at av den der des dem de la du el del na u до на в во к ко po por para que zu"
        " am im und y i das die las los le les von later latest by"
    ),
    "A": "after etter nakon poslije после nach après después tras",
    "r": (
        "business working radna radnih radni рабочих рабочие рабочий ouvrés ouvrables hábiles"
        " laborables werk"
    ),
}
# These before a numeric date without a year make sure that it is one.
PREPOSITIONS: Final = _words(
    "by until till on before due to from the innen til den før dato senest do dana"
    " najkasnije до к на bis am zum vom spätestens den avant le au jusqu'au antes del el al"
    " para hasta"
)
# "morgen" and "mañana" are the morning after these.
NOT_TOMORROW: Final = _words(
    "guten god am heute diesen jeden gestern la esta cada good den om denne hver"
    " mandag tirsdag onsdag torsdag fredag lørdag søndag"
)


# One word that is two: the end of the month, the beginning of the week.
COMPOUNDS: Final = {
    "monatsende": "eM", "monatsmitte": "xM", "monatsanfang": "bM", "monatsbeginn": "bM",
    "wochenmitte": "xW", "wochenanfang": "bW", "wochenbeginn": "bW", "manedsslutt": "eM",
    "maanedsslutt": "eM", "manedsskiftet": "eM", "ukeslutt": "eW", "eom": "eM", "eow": "eW",
}  # fmt: skip
# Words that are days or months only with a capital letter, or after one of these.
DOUBTFUL: Final = _words("may sat sun mon wed")
BEFORE_DOUBTFUL: Final = _words(
    "in of by until till mid early late on this next before end since last"
)


# Two words that name a day, counted from the day of writing.
DAYS_OF_TWO: Final = {
    ("i", "dag"): 0,
    ("i", "kveld"): 0,
    ("i", "ettermiddag"): 0,
    ("i", "formiddag"): 0,
    ("i", "overmorgen"): 2,
    ("av", "dagen"): 0,
    ("tijekom", "dana"): 0,
    ("tokom", "dana"): 0,
    ("течение", "дня"): 0,
    ("after", "tomorrow"): 2,
    ("apres", "demain"): 2,
    ("pasado", "manana"): 2,
    ("aujourd", "hui"): 0,
}
THIS: Final = _words("this denne ce cet cette esta este")
PARTS_OF_DAY: Final = _words("morning afternoon evening aften soir tarde noche")
# "vendredi prochain", "el próximo viernes": the coming one, not the one of next week.
COMING: Final = _words("prochain proximo viene kommenden kommende coming siguiente iduci")
# These give an interval from today on.
WITHIN: Final = _words("within innen binnen innerhalb unutar sous roku течение")


@cache
def codes() -> dict[str, tuple[str, int]]:
    """Return the folded words, each with its code and its value."""
    table: dict[str, tuple[str, int]] = {}

    def put(words: str, code: str, value: int) -> None:
        for word in words.split():
            for spelling in variants(word.partition("^")[0]):
                table.setdefault(spelling, (code, value))

    for value, words in enumerate(WEEKDAYS):
        put(words, "w", value)
    for value, words in enumerate(MONTHS, 1):
        put(words, "m", value)
    for value, words in DAYS.items():
        put(" ".join(word for word in words.split() if "^" not in word), "d", value)
    for code, words in UNITS.items():
        put(words, code, 0)
    for code, words in ROLES.items():
        put(words, code, 0)
    for value, words in NUMBERS.items():
        put(words, "1", value)
    return table


@cache
def telling_words() -> frozenset[str]:
    """Return the folded words of which one stands wherever a day is named without a digit.

    Of the codes that `dates.py` looks for, each shape has a day, a weekday, a month or a unit.
    """
    days = frozenset(word for word, (code, _) in codes().items() if code in "dwmWMkhryB")
    return days | COMPOUNDS.keys() | {second for _, second in DAYS_OF_TWO} | PARTS_OF_DAY


@cache
def dated_words() -> frozenset[str]:
    """Return the folded words that may play a role in a date: most words do not.

    They are all that `date_tokens._word` knows; "des" it knows by itself.
    """
    seconds = {second for _, second in DAYS_OF_TWO}
    return frozenset(codes()) | COMPOUNDS.keys() | seconds | PARTS_OF_DAY | {"des"}
