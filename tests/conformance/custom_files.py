"""The real files with custom layers of docs/custom_layers.md, converted natively and proved.

    python tests/conformance/custom_files.py DIR

DIR holds the files as `third_party/fetch.py` names them. The oracle is tf-keras with the layers
written anew (`tests/custom/originals.py`); the archive is opened by plain Keras 3. Prints one row per file:
the class, and the largest relative error over all outputs. Exits with 1 when one is missing or not proved.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "converter")]

import k2to3  # noqa: E402

CUSTOM = HERE.parent / "custom"
# File → what is custom in it, and the architecture of a weights-only file: ours, or one beside it.
FILES: dict[str, tuple[str, Path | str | None]] = {
    "astrorapid_ztf": ("TCN", None),
    "astrorapid_ps1_cc": ("TCN", None),
    "astrorapid_ps1_ibc": ("TCN", None),
    "crema_chord": ("SqueezeLayer", None),
    "textgenrnn": ("AttentionWeightedAverage", CUSTOM / "textgenrnn.json"),
    "rocalpha_policy": ("Bias", "rocalpha_policy.arch.json"),
}


def proved(source: Path, architecture: Path | None) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            report = k2to3.convert(
                source,
                Path(folder) / "new.keras",
                architecture=architecture,
                custom_objects=CUSTOM / "originals.py",
            )
        except k2to3.K2to3Error as error:
            return False, f"{type(error).__name__}: {error}"
    if report.status != "proved" or report.evidence is None:
        return False, "; ".join(report.not_proved)
    if any(finding.kind == "custom" for finding in report.findings):
        return False, "not native"
    worst = max(item["max_error"] / (item["scale"] or 1.0) for item in report.evidence.outputs)
    return True, f"{worst:.1e} over {len(report.evidence.outputs)} outputs"


def main(folder: Path) -> int:
    good = 0
    for name, (layer, architecture) in FILES.items():
        source = folder / f"{name}.h5"
        if not source.exists():
            fine, text = False, "not there: third_party/fetch.py"
        else:
            fine, text = proved(source, folder / architecture if architecture else None)
        good += fine
        print(f"{name:20} {layer:26} {'proved' if fine else 'NOT PROVED':10} {text}", flush=True)
    print(f"{good} of {len(FILES)} proved")
    return 0 if good == len(FILES) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
