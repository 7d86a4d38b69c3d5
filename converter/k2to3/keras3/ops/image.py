"""Colours."""

from __future__ import annotations

from k2to3.keras3.ops.elementwise import same
from k2to3.keras3.ops.values import Specs

SPECS: Specs = {"image.HSVToRGB": same, "image.RGBToHSV": same}
