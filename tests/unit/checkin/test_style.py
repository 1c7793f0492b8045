"""How every mail reads: length, dates, facts, and what no mail of ours may say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from jinja2 import Environment, PackageLoader, meta

from builders import a_client, a_person, an_agreement, an_invoice
from mailhours.checkin.compose import BURST_LENGTH, LENGTHS, called, short
from mailhours.model.reply import Reply
from mailhours.wording import dates
from mailhours.wording.catalogue import MissingWording, words
from mailhours.wording.dates import LANGUAGES
from mailhours.wording.grammar import accusative, quoted
from unit.checkin.letterbox import (
    DETAILS,
    SUBJECTS,
    a_person_of,
    acknowledged,
    billed,
    every_mail,
    far_away,
    reminded,
)

EVERYWHERE = ["!", "…?", "??", "{{", "}}", "{%", "None", "http", "www.", "#"]
# What reproaches, presses, apologises or says again; whole words, lower case.
FORBIDDEN = {
    "en": (
        "soon|asap|as soon as possible|24 hours|again|still waiting|already told|friendly reminder|"
        "per my last|you failed|you have not|you did not|you haven't|you didn't|sorry|unfortunately|"
        "urgent|overdue|immediately|must|ticket|do not reply|confirm\\w*"
    ),
    "nb": (
        "snarest|så snart|24 timer|igjen|nok en gang|vennlig påminnelse|dessverre|beklager|"
        "du har ikke|dere har ikke|du svarte ikke|umiddelbart|haster|bekreft\\w*"
    ),
    "hr": (
        "uskoro|što prije|24 sata|opet|ponovno|ljubazni podsjetnik|nažalost|oprostite|niste|nisi|"
        "odmah|hitno|potvrđ\\w*"
    ),
    "ru": (
        "скоро|как можно скорее|24 часа|снова|опять|повторно|дружеское напоминание|к сожалению|"
        "извините|вы не|ты не|немедленно|срочно|подтвержд\\w*"
    ),
    "de": (
        "bald|baldmöglichst|so schnell wie möglich|24 stunden|erneut|nochmals|wieder|abermals|"
        "freundliche erinnerung|leider|entschuldig\\w*|sie haben nicht|du hast nicht|umgehend|"
        "sofort|dringend|mahnung|bestätig\\w*"
    ),
    "fr": (
        "bientôt|dès que possible|24 heures|à nouveau|de nouveau|rappel amical|malheureusement|"
        "désolé\\w*|vous n'avez pas|tu n'as pas|immédiatement|urgent|confirm\\w*"
    ),
    "es": (
        "pronto|cuanto antes|24 horas|de nuevo|otra vez|recordatorio amable|desgraciadamente|"
        "lo siento|no ha respondido|usted no|no has|inmediatamente|urgente|confirm\\w*"
    ),
}
# Below the third level nothing is threatened.
CONSEQUENCE = {
    "en": "clause|paused|interest|fee|consequence",
    "nb": "punkt 4|punkt 6|pause|rente|gebyr",
    "hr": "točka|stanka|zaustavlja|kamat\\w*",
    "ru": "пункт|приостан\\w*|пен[яи]|процент\\w*",
    "de": "ziffer|ruht|pause|zinsen|gebühr",
    "fr": "article|en pause|intérêts|frais",
    "es": "cláusula|en pausa|intereses|recargo",
}
FORMS = [pytest.param(True, id="formal"), pytest.param(False, id="informal")]
RIGHT_TO_LEFT = "\u202eيوسف الحداد"
VERY_LONG = "Maximiliane Charlotte Friederike Freifrau von Hohenlohe-Waldenburg-Schillingsfürst"
EDGES = {
    "usual": {},
    "right-to-left name": {"name": RIGHT_TO_LEFT},
    "very long name": {"name": VERY_LONG},
}


def bare(reply: Reply) -> str:
    """Return our own words: without what the owner wrote."""
    return reply.text.replace(DETAILS, "").replace("+47 000 00 000", "")


def mails(language: str, formal: bool, **changes: object) -> dict[str, Reply]:
    return dict(every_mail(a_person_of(language, formal, **changes)))


def is_short_enough(name: str, reply: Reply) -> bool:
    most = BURST_LENGTH if name.endswith("burst") else LENGTHS[reply.kinds[0]]
    return len(bare(reply)) <= most


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_is_longer_than_a_client_reads(language: str, formal: bool, edge: str) -> None:
    for name, reply in mails(language, formal, **EDGES[edge]).items():
        assert is_short_enough(name, reply), (name, len(bare(reply)), reply.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_zones_fit_as_well(language: str) -> None:
    for name, reply in every_mail(far_away(language), SUBJECTS[5]):
        assert is_short_enough(name, reply), (name, len(bare(reply)), reply.text)


@pytest.mark.parametrize("subjects", [1, 2, 5, 6, 9])
@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_subjects_are_named_or_counted(language: str, formal: bool, subjects: int) -> None:
    reply = acknowledged(a_person_of(language, formal), SUBJECTS[:subjects])

    named = sum(f"- {s.removeprefix('Re: ')[:20]}" in reply.text for s in SUBJECTS)
    assert named == (0 if subjects == 1 else min(subjects, 5))
    assert len(reply.causes) == subjects
    assert subjects <= 5 or str(subjects - 5) in reply.text
    assert len(bare(reply)) <= BURST_LENGTH


@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_subject_is_said_in_words(language: str, formal: bool) -> None:
    reply = acknowledged(a_person_of(language, formal), ["  \u202e "])

    assert reply.subject.startswith("Re: ")
    assert len(reply.subject) > 6
    assert "(" in reply.text.split("\n\n")[1]


@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_that_no_mail_may_say(language: str, formal: bool) -> None:
    for name, reply in mails(language, formal).items():
        # Russian greets with an exclamation mark, and shouts as little as others do.
        greeting, _, rest = reply.text.partition("\n")
        greeting = greeting.removesuffix("!") if language == "ru" else greeting
        text = f"{reply.subject}\n{greeting}\n{rest}".lower()
        assert not [word for word in EVERYWHERE if word.lower() in text], name
        found = re.search(rf"\b(?:{FORBIDDEN[language]})\b", text)
        assert found is None, (name, found)
        assert reply.text.count("?") <= 1, name
        if "feedback_3" not in name and "payment_3" not in name and "work_" not in name:
            found = re.search(rf"\b(?:{CONSEQUENCE[language]})\b", text)
            assert found is None, (name, found)


@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_has_its_fields(language: str, formal: bool) -> None:
    client = a_person_of(language, formal)
    for name, reply in every_mail(client):
        paragraphs = reply.text.strip().split("\n\n")
        assert called(client, "kari@fjord.example") in paragraphs[0], name
        assert paragraphs[-2] == "Dana Berg", name
        assert paragraphs[-1].count("\n") == 0, name
        assert "\n\n\n" not in reply.text, name
        assert not re.search(r" [,.;:](?!\w)(?<! [:;])", reply.text), name
        assert not any(line != line.strip() for line in reply.text.splitlines()), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_absolute_and_name_their_weekday(language: str) -> None:
    weekdays = [str(day).lower() for day in dates.locale(language).days["format"]["wide"].values()]
    weekdays += [accusative(day, language) for day in weekdays]
    for name, reply in mails(language, formal=True).items():
        assert any(day in reply.text.lower() for day in weekdays), name


@pytest.mark.parametrize("formal", FORMS)
def test_all_languages_state_the_same_facts(formal: bool) -> None:
    english = mails("en", formal)
    for language in LANGUAGES:
        for name, reply in mails(language, formal).items():
            numbers = {
                held: sorted(re.findall(r"\d+", held))
                for held in (_figures(english[name].text), _figures(reply.text))
            }
            assert len(set(map(tuple, numbers.values()))) == 1, (language, name, numbers)


def _figures(text: str) -> str:
    """Return the figures of a text without the marks that languages set between them."""
    text = re.sub(r"(\d)[.,\s\u00a0\u202f](\d{3})\b", r"\1\2", text)
    return " ".join(re.findall(r"\d+(?:[.,:]\d+)*", text)).replace(",", ".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_formal_and_informal_differ_only_where_the_language_does(language: str) -> None:
    formal, informal = mails(language, formal=True), mails(language, formal=False)

    assert formal["acknowledgement"].text != informal["acknowledgement"].text
    for name in formal:
        assert formal[name].facts == informal[name].facts or "promise" in str(formal[name].facts)


@pytest.mark.parametrize(
    ("name", "formal", "greeted"),
    [
        ("Kari Nordmann", True, "Kari Nordmann"),
        ("Kari Nordmann", False, "Kari"),
        ("Dr. Kari Nordmann", False, "Dr. Kari Nordmann"),
        ("Nordmann, Kari", False, "Nordmann, Kari"),
        (RIGHT_TO_LEFT, True, "يوسف الحداد"),
        (VERY_LONG, True, ""),
        ("", True, ""),
    ],
)
def test_a_greeting_guesses_nothing(name: str, formal: bool, greeted: str) -> None:
    client = a_client(formal=formal, people=(a_person(name),))

    assert called(client, "kari@fjord.example") == greeted


@pytest.mark.parametrize("language", LANGUAGES)
def test_sums_are_written_as_the_language_does(language: str) -> None:
    reply = billed(a_person_of(language, formal=True), 1)

    assert words(language).money(an_invoice().amount) in reply.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("days", [1, 2, 5, 21, 22])
def test_days_are_counted_in_the_right_plural(language: str, days: int) -> None:
    due = date(2026, 3, 2).toordinal() - days
    client = a_person_of(language, formal=True)
    client = replace(client, invoices=(an_invoice(due=date.fromordinal(due)),))

    text = billed(client, 2).text

    assert words(language).say("duration.day", n=days).split()[-1] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_third_level_without_its_clause_is_no_mail(language: str) -> None:
    client = a_person_of(language, formal=True)
    client = replace(client, agreements=(an_agreement(),))

    for compose, level in ((reminded, 3), (billed, 3), (billed, 4)):
        with pytest.raises(MissingWording, match="clauses"):
            compose(client, level)


def test_every_language_has_the_same_templates_with_the_same_fields() -> None:
    environment = Environment(
        loader=PackageLoader("mailhours.wording", "templates"), autoescape=False
    )
    for name in ("plural", "soft", "quoted", "genitive", "accusative", "on", "since"):
        environment.filters[name] = str

    def fields(name: str) -> set[str]:
        loader = environment.loader
        assert loader is not None
        source = loader.get_source(environment, name)[0]
        return meta.find_undeclared_variables(environment.parse(source))

    names = {n.partition("/")[2] for n in environment.list_templates() if n.startswith("en/")}
    assert {"acknowledgement.txt", "feedback_3.txt", "payment_0.txt", "work_paused.txt"} <= names
    optional = {"language", "formal", "count", "change", "change_date"}
    for name in sorted(names):
        for language in LANGUAGES:
            held = fields(f"{language}/{name}") - optional
            assert held == fields(f"en/{name}") - optional, (language, name)


HARD = (
    'The "new" logo',
    "Das „neue“ Logo",
    "Le « nouveau » logo",
    "«Новый» логотип",
    "شعار جديد",
    "Logo? (urgent), again: now",
    "A second page for the bakery in the harbour, with a map and the way there, " * 4,
)


@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subject_is_quoted_as_the_language_quotes(language: str, formal: bool) -> None:
    begin, end = quoted("x", language).split("x")
    for subject in HARD:
        reply = acknowledged(a_person_of(language, formal), [subject])
        said = reply.text.split("\n\n")[1]
        inside = said[said.index(begin) + len(begin) : said.rindex(end)]

        assert quoted(short(subject, 70), language) in said
        assert begin.strip() not in inside
        assert end.strip() not in inside
        assert is_short_enough("acknowledgement", reply), reply.text


@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_several_mails_on_one_subject_are_counted(language: str, formal: bool) -> None:
    reply = acknowledged(a_person_of(language, formal), ["Logo", "Re: Logo", "AW: Logo"])

    first = reply.text.split("\n\n")[1]
    assert "3" in first
    assert quoted("Logo", language) in first


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("formal", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_and_no_space_is_doubled(language: str, formal: bool, edge: str) -> None:
    for name, reply in mails(language, formal, **EDGES[edge]).items():
        assert "  " not in reply.text, name
        assert ".." not in reply.text, name
        for line in bare(reply).split("Dana Berg")[0].splitlines()[1:]:
            if line and not line.startswith("- ") and ": " not in line and ":\u00a0" not in line:
                assert line[-1] in ".:?,\u00a0 " or "IBAN" in line, (name, line)
