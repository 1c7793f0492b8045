"""What to send before a client asks."""

import pytest

from builders import KARI, moment
from mailhours.model.outlook import Prediction
from mailhours.summary.daily import sheet
from mailhours.summary.day import gather
from mailhours.wording.catalogue import words
from unit.summary.office import the_inputs


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(
            {"project": "web", "days_before": 2},
            "Usually asks 2 days before a date: send a status by Thu 5 Mar, 10:00",
            id="before a date",
        ),
        pytest.param({"minutes": 150}, "Usually asks again after 2 h\u00a030 min", id="a chase"),
        pytest.param({}, "A word from you by Thu 5 Mar, 10:00 comes before it", id="only the time"),
    ],
)
def test_a_prediction_says_what_to_do(more, said):
    foreseen = Prediction("fjord", KARI, moment("thu 10:30"), moment("thu 10:00"), 3, **more)
    made = sheet(gather(the_inputs(predictions={"fjord": foreseen})), words("en"))
    notes = [n for block in made.sections[0].blocks for item in block.items for n in item.notes]

    assert said in notes
