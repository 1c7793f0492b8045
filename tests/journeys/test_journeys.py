"""Every journey of this folder: the timeline in, what is judged out."""

from pathlib import Path

import pytest

from journeys.journey import differences, read

FILES = sorted(Path(__file__).parent.glob("*.journey"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_journey_is_judged_as_its_file_says(path):
    journey = read(path.read_text(encoding="utf-8"))
    wrong = [d for now, lines in journey.expected for d in differences(journey, now, lines)]
    assert not wrong, "\n".join(["", *wrong])


def test_there_are_journeys():
    assert len(FILES) >= 100
