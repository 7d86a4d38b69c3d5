"""Layer by layer: every call of a layer, with the judge's own inputs, in both Kerases."""
