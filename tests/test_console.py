"""The command line at a terminal: completion, colour, examples of each command."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from k2to3.cli.colour import coloured, painted
from k2to3.cli.completion import SHELLS, commands, flags
from k2to3.cli.main import main
from k2to3.cli.parser import EXAMPLES, parser
from k2to3.cli.verbs import VERBS


class Terminal:
    def isatty(self) -> bool:
        return True


def test_every_command_has_examples_of_its_own():
    assert list(EXAMPLES) == list(VERBS)
    for name, command in commands(parser(VERBS)).items():
        assert all(line.strip() in (command.epilog or "") for line in EXAMPLES[name])


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_every_command_and_option(capsys, shell):
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    for name, command in commands(parser(VERBS)).items():
        assert name in text and all(flag.removeprefix("--") in text for flag in flags(command))


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes(capsys):
    main(["completion", "bash"])
    script = capsys.readouterr().out
    asked = "COMP_WORDS=(k2to3 convert old.h5 --verify we); COMP_CWORD=4; _k2to3; echo ${COMPREPLY[@]}"
    done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["weights"]
    asked = "COMP_WORDS=(k2to3 expl); COMP_CWORD=1; _k2to3; echo ${COMPREPLY[@]}"
    done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["explain"]


def test_colour_is_for_terminals_and_can_be_refused():
    assert coloured(Terminal(), {}) and not coloured(Terminal(), {"NO_COLOR": "1"})
    assert not coloured(Terminal(), {"TERM": "dumb"}) and not coloured(None, {})
    assert painted("  drift    lstm: x") == "\x1b[33m  drift \x1b[0m   lstm: x"
    assert painted("old.h5: drift ") == "old.h5: drift "
