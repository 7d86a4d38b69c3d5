"""The order in which the calls of a Keras 2 model can be followed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from k2to3.errors import BadConfig
from k2to3.keras2.model import Call, LayerRecord, Model

Use = tuple[str, int]
"""The n-th call of a layer."""


def calls_in_order(model: Model, inputs: AbstractSet[str]) -> list[tuple[LayerRecord, Call]]:
    """Every call after its producers, otherwise as early as a reader meets it who goes through the file again and
    again and takes what is ready.

    `inputs` are layers that stand ready. Takes time in proportion to the file, in whatever order it lists the calls.

    Raises:
        BadConfig: a loop, or a call that is fed by something that is not there.
    """
    listed = [(record, index) for record in model.layers for index in range(len(record.calls))]
    place = {(record.name, index): position for position, (record, index) in enumerate(listed)}
    ready = {(name, 0) for name in inputs}
    needs = [_needs(record, index) - ready for record, index in listed]
    rounds = _rounds(listed, needs, place)
    order = sorted(range(len(listed)), key=lambda position: (rounds[position], position))
    return [(listed[position][0], listed[position][0].calls[listed[position][1]]) for position in order]


def _needs(record: LayerRecord, index: int) -> set[Use]:
    """What a call waits for: its inputs, and the call of the same layer before it."""
    before = {(record.name, index - 1)} if index else set()
    return before | {(ref.layer, ref.call) for ref in record.calls[index].refs()}


def _rounds(listed: list[tuple[LayerRecord, int]], needs: list[set[Use]], place: dict[Use, int]) -> list[int]:
    """In which round through the file each call becomes ready: the next one where a producer stands behind it."""
    users: list[list[int]] = [[] for _ in listed]
    waiting = [0] * len(listed)
    for position, wanted in enumerate(needs):
        for use in wanted:
            if use in place:
                users[place[use]].append(position)
            # One that is nowhere is waited for in vain.
            waiting[position] += 1
    rounds = [0] * len(listed)
    free = [position for position, count in enumerate(waiting) if count == 0]
    done = 0
    while free:
        position = free.pop()
        done += 1
        for user in users[position]:
            rounds[user] = max(rounds[user], rounds[position] + (user < position))
            waiting[user] -= 1
            if waiting[user] == 0:
                free.append(user)
    if done < len(listed):
        stuck = next(record for (record, _), count in zip(listed, waiting, strict=True) if count)
        raise BadConfig("is part of a loop, or is fed by something that is not there", layer=stuck.name)
    return rounds
