"""Operations that compute nothing: they steer gradients and the order of execution, check or print."""

from __future__ import annotations

from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.values import Value

symbol = Family()


@symbol("tf.identity", "tf.stop_gradient", "tf.ensure_shape", "tf.guarantee_const")
def identity(emitter: Emitter, input: Value, shape: Value = None, name: Value = None) -> Value:
    """Nothing is computed; a stopped gradient matters to training alone."""
    return input


@symbol("tf.debugging.check_numerics", "tf.debugging.assert_all_finite", "tf.verify_tensor_all_finite")
def checked(emitter: Emitter, x: Value, message: Value = None, name: Value = None, tensor: Value = None) -> Value:
    emitter.note("dropped", "a check that values are finite: it raised an error and changed nothing else")
    return x


@symbol("tf.identity_n", "tf.tuple")
def identity_n(emitter: Emitter, input: Value, control_inputs: Value = None, name: Value = None) -> Value:
    return input


@symbol("tf.print", "tf.Print")
def printed(emitter: Emitter, input: Value, *rest: Value, **options: Value) -> Value:
    emitter.note("dropped", "a print of its values")
    return input
