"""What Keras 1.2 to 2.15 computes, in NumPy: an executable specification, read from Keras's own source.

It shares no reading with the rules of the conversion: two independent readings of one truth.
"""

from k2to3.proof.keras2.specification import Evaluation, Specification

__all__ = ["Evaluation", "Specification"]
