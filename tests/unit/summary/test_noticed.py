import pytest

from builders import a_client
from mailhours.summary.noticed import noticed
from mailhours.wording.catalogue import words
from unit.summary.office import a_finding


@pytest.mark.parametrize(
    ("pattern", "numbers", "said"),
    [
        pytest.param(
            "pestering", {"nudges": 3}, "Chases early and often: 3 early chases", id="chases"
        ),
        pytest.param(
            "revision_rounds",
            {"rounds": 3, "agreed": 2},
            "More revision rounds than agreed: 3 rounds, 2 agreed",
            id="rounds",
        ),
        pytest.param("phone", {"rounds": 6}, "Time to pick up the phone: 6 rounds", id="phone"),
        pytest.param(
            "change_after_approval",
            {"changes": 1},
            "Changes after an approval: 1 change",
            id="changes",
        ),
        pytest.param("scope_growth", {"additions": 2}, "The scope grows: 2 additions", id="scope"),
        pytest.param(
            "bypass",
            {"written_to": "kim@studio.example"},
            "Writes past the agreed contact: to kim@studio.example",
            id="bypass",
        ),
        pytest.param(
            "broken_promise",
            {"promised": "2026-03-03"},
            "A promise was not kept: named Tue 3 Mar",
            id="promise",
        ),
        pytest.param("off_hours", {}, "Expects answers outside office hours: 3 mails", id="mails"),
        pytest.param("quite_new", {}, "quite new: 3 mails", id="a pattern without a name"),
    ],
)
def test_a_finding_says_the_numbers_that_made_it_fire(pattern, numbers, said):
    [entry] = noticed([a_finding(pattern, numbers=numbers)], {"fjord": a_client()}, words("en"))

    assert (entry.who, entry.what) == ("Kari Nordmann, Fjord Coffee AS", said)


def test_a_finding_without_its_client_file_names_the_key():
    [entry] = noticed([a_finding()], {}, words("en"))

    assert entry.who == "fjord"


def test_what_one_person_did_stands_in_one_entry():
    findings = [
        a_finding("pestering", numbers={"nudges": 3}),
        a_finding("off_hours", messages=("m1",), numbers={}),
    ]
    [entry] = noticed(findings, {"fjord": a_client()}, words("en"))

    assert entry.what == (
        "Chases early and often: 3 early chases · Expects answers outside office hours"
    )
