"""Completion for shells, made from the grammar."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping

Commands = Mapping[str, argparse.ArgumentParser]


def commands(top: argparse.ArgumentParser) -> Commands:
    """The commands of a grammar by name."""
    return next(dict(action.choices) for action in top._actions if isinstance(action, argparse._SubParsersAction))


def flags(command: argparse.ArgumentParser) -> list[str]:
    """Every option of a command."""
    return [flag for action in command._actions for flag in action.option_strings if flag.startswith("--")]


def values(command: argparse.ArgumentParser) -> Iterator[tuple[str, list[str]]]:
    """Options that take one of a few words."""
    for action in command._actions:
        if action.choices and action.option_strings:
            yield action.option_strings[-1], [str(choice) for choice in action.choices]


def bash(found: Commands) -> str:
    """For `eval "$(k2to3 completion bash)"`."""
    lines = [
        "_k2to3() {",
        '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" verb="${COMP_WORDS[1]}"',
        f'  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "{" ".join(found)}" -- "$word")); return; fi',
        '  case "$verb $before" in',
    ]
    for name, command in found.items():
        for flag, words in values(command):
            lines.append(f'    "{name} {flag}") COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$word")); return;;')
    lines += ["  esac", '  case "$verb" in']
    for name, command in found.items():
        known = f'COMPREPLY=($(compgen -W "{" ".join(flags(command))}" -- "$word"))'
        lines.append(f'    {name}) [[ "$word" == -* ]] && {known};;')
    return "\n".join([*lines, "  esac", "}", "complete -o default -F _k2to3 k2to3", ""])


def zsh(found: Commands) -> str:
    """For `eval "$(k2to3 completion zsh)"`."""
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash(found)


def fish(found: Commands) -> str:
    """For `k2to3 completion fish | source`."""
    lines = [f"complete -c k2to3 -n __fish_use_subcommand -a '{' '.join(found)}'"]
    for name, command in found.items():
        known = dict(values(command))
        for flag in flags(command):
            words = f" -x -a '{' '.join(known[flag])}'" if flag in known else ""
            lines.append(f"complete -c k2to3 -n '__fish_seen_subcommand_from {name}' -l {flag[2:]}{words}")
    return "\n".join([*lines, ""])


def powershell(found: Commands) -> str:
    """For `k2to3 completion powershell | Out-String | Invoke-Expression`."""
    table = "; ".join(f"'{name}' = '{' '.join(flags(command))}'" for name, command in found.items())
    return f"""Register-ArgumentCompleter -Native -CommandName k2to3 -ScriptBlock {{
  param($word, $ast, $cursor)
  $options = @{{ {table} }}
  $said = $ast.CommandElements | ForEach-Object {{ $_.ToString() }}
  $words = if ($said.Count -gt 1 -and $options[$said[1]]) {{ $options[$said[1]].Split(' ') }} else {{ $options.Keys }}
  $words | Where-Object {{ $_ -like "$word*" }}
}}
"""


SHELLS: Mapping[str, Callable[[Commands], str]] = {"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}
