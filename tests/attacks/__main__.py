"""Every attack through every command, as a table; exit code 1 if one did not end as it should."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from attacks.attack import VERBS  # noqa: E402
from attacks.run import Outcome, shooting_range  # noqa: E402
from attacks.table import ATTACKS  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--proof", action="store_true", help="with the proof on")
    parser.add_argument("--only", default="", help="attacks whose name holds this")
    parser.add_argument("--verb", action="append", choices=VERBS)
    parser.add_argument("--family", default="", help="attacks of the module of that name")
    arguments = parser.parse_args()
    chosen = [attack for attack in ATTACKS if arguments.only in attack.name and arguments.family in attack.family]
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name, shooting_range(Path(name)) as place:
        for attack in chosen:
            for outcome in place.verbs(attack, arguments.verb or VERBS, "outputs" if arguments.proof else "none"):
                found.append(outcome)
                text = outcome.text.strip().rsplit("\n", 1)[-1][-200:]
                print(
                    f"{'ok ' if not outcome.problems else 'BAD'} {outcome.code} {outcome.seconds:6.2f} s "
                    f"{outcome.memory / 1e6:6.1f} MB {outcome.verb:8}{outcome.attack}: {text}",
                    *(f"\n      {problem}" for problem in outcome.problems),
                    flush=True,
                )
    bad = sum(bool(outcome.problems) for outcome in found)
    print(
        f"{len(chosen)} attacks, {len(found)} runs, {bad} not as they should be; worst "
        f"{max(o.seconds for o in found):.2f} s of processor time, {max(o.memory for o in found) / 1e6:.0f} MB"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
