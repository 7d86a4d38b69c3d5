import k2to3


def test_everything_in_all_can_be_imported():
    assert sorted(k2to3.__all__) == sorted(name for name in k2to3.__all__ if hasattr(k2to3, name))


def test_public_functions_and_errors_have_docstrings():
    assert [name for name in k2to3.__all__ if name != "__version__" and not getattr(k2to3, name).__doc__] == []
