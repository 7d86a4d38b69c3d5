import pytest
from k2to3 import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.Refused, 1),
        (errors.NotKeras2, 9),
        (errors.Damaged, 4),
        (errors.BadConfig, 1),
        (errors.UnsupportedLayer, 1),
        (errors.UnsupportedOption, 1),
        (errors.WeightMismatch, 1),
        (errors.NotSpecified, 1),
        (errors.NothingToDo, 3),
        (errors.UnsafeFile, 4),
        (errors.NotEqual, 5),
        (errors.FileError, 6),
    ],
)
def test_exit_codes_and_tree(kind, code):
    assert kind("x").exit_code == code
    assert issubclass(kind, errors.K2to3Error)
    assert kind.__name__ in (errors.__doc__ or "")


def test_message_names_file_layer_key_and_way_out():
    error = errors.UnsupportedOption("no", file="f.h5", layer="lstm_1", key="activation", hint="do that")
    assert str(error) == "f.h5: layer 'lstm_1', key 'activation': no (do that)"
