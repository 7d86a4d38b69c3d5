"""Small inputs that failed when the product was tried, each against what its README says is right.

    python tests/conformance/found.py FOLDER [--filter TEXT]

FOLDER holds `factory_defaults/`, `factory_theano/`, `chaotic_rnn/` and the others. A row is a conversion with its
options and what has to come of it: `proved` (against what the author's Keras recorded, where it did), or `refused`
with a way out, which the row after it tries. Prints a table; exits 1 when a row comes out otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "converter"))

from k2to3.api.convert import convert
from k2to3.errors import K2to3Error

# What `pad_symmetric(x, size)` of the author's module does.
HELPER = 'lambda x: tf.pad(x, [[0, 0], [5, 5], [5, 5], [0, 0]], mode="SYMMETRIC")'


@dataclass(frozen=True)
class Row:
    """One conversion; options that end in a file of the same folder are written as `./file`."""

    file: str
    expected: str
    options: dict[str, Any] = field(default_factory=dict)
    recorded: bool = False

    def keywords(self, folder: Path) -> dict[str, Any]:
        base = (folder / self.file).parent
        found = {key: _placed(value, base) for key, value in self.options.items()}
        return {**found, "reference": (folder / self.file).with_suffix(".npz")} if self.recorded else found

    def words(self) -> str:
        return " ".join(f"{key}={value}" for key, value in self.options.items())


def _placed(value: Any, base: Path) -> Any:
    return f"{base}/{value[2:]}" if isinstance(value, str) and value.startswith("./") else value


def from_script(name: str) -> Row:
    return Row(f"factory_defaults/{name}.h5", "proved", {"architecture": f"./arch.py:{name}"}, recorded=True)


ROWS = (
    from_script("lstm"),
    from_script("gru"),
    Row("factory_defaults/gru.h5", "proved", {"architecture": "./arch.py:gru_said"}, recorded=True),
    *(
        Row("factory_theano/w.h5", "proved", {"architecture": given}, recorded=True)
        for given in ("./arch.py:build", "./keras2.json", "./m.json")
    ),
    Row("chaotic_rnn/gru_hard.h5", "proved"),
    Row("chaotic_rnn/gru_hard_short.h5", "proved"),
    Row("stft_open_length/open.h5", "proved"),
    Row("stft_open_length/fixed_padded.h5", "proved"),
    Row("stft_open_length/open_padded.h5", "refused --input-shape"),
    Row("stft_open_length/open_padded.h5", "proved", {"input_shape": ["input_1=256"]}),
    Row("threads/retinanet_freeze.h5", "proved"),
    Row("threads/lambda_calls_helper.h5", "refused --lambda"),
    # What the user gives in the place of lost code is the user's word: nothing can be compared with it.
    Row("threads/lambda_calls_helper.h5", "converted", {"lambdas": {"lambda_1": HELPER}}),
    Row("threads/crnn_ctc.h5", "refused --outputs"),
    Row("threads/crnn_ctc.h5", "proved", {"outputs": "dense_3"}),
    *(
        Row(f"shared_shapes/{name}.h5", "proved")
        for name in ("hs", "lam_rank", "lam_static_shape", "lstm_unrolled_diff", "resize_mc", "unitnorm")
    ),
    Row("generations/batch_dot_4d.h5", "proved", recorded=True),
    Row("generations/where_rank1.h5", "proved", recorded=True),
)


def outcome(row: Row, folder: Path, scratch: Path) -> tuple[str, str]:
    """How it came out, and what there is to say."""
    try:
        report = convert(folder / row.file, scratch / "out.keras", overwrite=True, **row.keywords(folder))
    except K2to3Error as error:
        return f"refused {error.hint or 'without a way out'}", str(error)
    return report.status, "; ".join(report.not_proved)


def right(row: Row, found: str) -> bool:
    kind, _, way_out = row.expected.partition(" ")
    return found.startswith(kind) and way_out in found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--filter", default="", metavar="TEXT")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for row in (row for row in ROWS if options.filter in row.file):
            found, detail = outcome(row, options.folder, Path(scratch))
            good = right(row, found)
            wrong += not good
            print("right" if good else "WRONG", row.file, row.words(), "|", found.split()[0], flush=True)
            if not good:
                print("    ", detail[:600])
    print(f"{len(ROWS)} rows, {wrong} not as they should be" if not options.filter else f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
