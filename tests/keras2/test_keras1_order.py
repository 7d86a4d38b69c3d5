import pytest
from k2to3.errors import BadConfig
from k2to3.keras2.keras1_order import with_orders


def sequence(*layers):
    return {"class_name": "Sequential", "config": [{"class_name": c, "config": dict(s)} for c, s in layers]}


CONV = ("Convolution2D", {"name": "c", "dim_ordering": "th"})
PADDING = ("ZeroPadding2D", {"name": "p", "padding": [1, 1]})


def test_taken_from_the_other_layers_even_nested():
    config = {"class_name": "Sequential", "config": [sequence(PADDING), sequence(CONV)]}
    found = with_orders(config)
    assert found["config"][0]["config"][0]["config"]["dim_ordering"] == "th"
    assert "dim_ordering" not in config["config"][0]["config"][0]["config"]


def test_what_is_written_stays():
    assert with_orders(sequence(CONV)) == sequence(CONV)


@pytest.mark.parametrize("others", [[], [CONV, ("MaxPooling2D", {"name": "m", "dim_ordering": "tf"})]])
def test_refused_when_nothing_tells(others):
    with pytest.raises(BadConfig, match="did not write its dim_ordering"):
        with_orders(sequence(PADDING, *others))
