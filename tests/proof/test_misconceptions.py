"""The misconceptions of `tests/conformance/teeth` stand in the code as it is: a run of hours would find it out late."""

from __future__ import annotations

import pytest

from tests.conformance.teeth.misconceptions import listed

LISTED = listed()


def test_they_are_many_and_each_has_a_name_of_its_own():
    assert len({belief.name for belief in LISTED}) == len(LISTED) >= 150


@pytest.mark.parametrize("belief", LISTED, ids=lambda belief: belief.name)
def test_its_lines_stand_in_one_place_and_change_something(belief):
    assert belief.old != belief.new
    assert belief.lines()
    assert belief.table or belief.fresh()
