"""Vocabularies: tf_keras/src/layers/preprocessing/index_lookup.py, text_vectorization.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.preprocessing.encoding import OLD_MODES, counted, encoded, texts
from k2to3.proof.keras2.preprocessing.farmhash import fingerprint64
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

Token = bytes | int


class Lookup(Layer):
    """The place of a token: the mask token (only in mode int) is 0, then the unknown ones, then the vocabulary.

    Several places for unknown tokens are chosen by hash (FarmHash, or the remainder of a number); none is refused.
    """

    since = "tf.keras 2.3"
    source = "tf_keras/src/layers/preprocessing/index_lookup.py"
    history = ("before 2.6 with other defaults: not read",)
    names: ClassVar[tuple[str, ...]] = ("IndexLookup", "StringLookup", "IntegerLookup")

    def read(self, options: Options, make: Make) -> None:
        if self.author.standalone or not self.author.tensorflow_since(2, 6):
            raise options.unspecified("vocabularies before TensorFlow 2.6")
        kind = {"StringLookup": "string", "IntegerLookup": "int64"}.get(self.class_name)
        self.strings = options.take("vocabulary_dtype", kind) == "string"
        mode = str(options.take("output_mode", "int"))
        self.mode = OLD_MODES.get(mode, mode)
        self.invert = bool(options.take("invert", False))
        self.unknown = int(options.take("num_oov_indices", 1))
        self.mask_token = self.token(options.take("mask_token", None))
        self.oov_token = self.token(options.take("oov_token", "[UNK]" if self.strings else -1))
        limit, pads = options.take("max_tokens", None), bool(options.take("pad_to_max_tokens", False))
        self.pad_to = int(limit) if pads and limit is not None else None
        given = options.take("vocabulary", None)
        if not isinstance(given, list) or not given:
            raise options.unspecified("its vocabulary is not in the file")
        self.vocabulary = self.without_special([self.token(x) for x in given])
        self.idf = options.take("idf_weights", None)
        options.ignore("vocabulary_size", "encoding", "has_input_vocabulary", "ragged")
        options.only("sparse", False)

    def token(self, value: Any) -> Any:
        if value is None or not self.strings:
            return value
        return value if isinstance(value, bytes) else str(value).encode()

    @property
    def first_unknown(self) -> int:
        return 1 if self.mask_token is not None and self.mode == "int" else 0

    def special(self) -> list[Any]:
        return [self.mask_token] * self.first_unknown + [self.oov_token] * self.unknown

    def without_special(self, tokens: list[Any]) -> list[Any]:
        """A vocabulary may begin with the special tokens."""
        special = self.special()
        return tokens[len(special) :] if special and tokens[: len(special)] == special else tokens

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (), (("idf",) if self.mode == "tf_idf" else ())

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        value = tensor.value
        if self.invert:
            return Tensor(self.inverted(value), self.next_mask(tensor.mask))
        found = np.array([self.place(x) for x in self.keys(value)], np.int64).reshape(value.shape)
        return Tensor(self.output(found, context), self.next_mask(tensor.mask))

    def output(self, places: Array, context: Context) -> Array:
        found = encoded(places, self.mode, self.depth, context, self)
        return found * self.idf_row(context) if self.mode == "tf_idf" else found

    @property
    def depth(self) -> int:
        return self.pad_to or self.first_unknown + self.unknown + len(self.vocabulary)

    def idf_row(self, context: Context) -> Array:
        """Unknown tokens weigh the mean; padding weighs nothing."""
        if self.idf is None:
            raise self.unspecified("idf weights that are not in the config")
        given = np.asarray(self.idf, np.float64)
        begin = len(self.special())
        row = given if len(given) != len(self.vocabulary) else np.concatenate([np.full(begin, given.mean()), given])
        return np.pad(row, (0, self.depth - len(row))).astype(np.float32).astype(context.dtype)

    def keys(self, value: Array) -> list[Any]:
        return texts(value) if self.strings else [int(x) for x in value.ravel().tolist()]

    def place(self, token: Any) -> int:
        if self.mask_token is not None and token == self.mask_token:
            return 0 if self.mode == "int" else -1
        try:
            return self.first_unknown + self.unknown + self.vocabulary.index(token)
        except ValueError:
            return self.unknown_place(token)

    def unknown_place(self, token: Any) -> int:
        if self.unknown == 0:
            raise self.unspecified("a token outside of the vocabulary")
        if self.unknown == 1:
            return self.first_unknown
        hashed = fingerprint64(token) if self.strings else int(token)
        return self.first_unknown + hashed % self.unknown

    def inverted(self, value: Array) -> Array:
        """A token for each place."""
        table = [*self.special(), *self.vocabulary]
        found = [table[n] if 0 <= n < len(table) else self.oov_token for n in (int(x) for x in value.ravel().tolist())]
        if not self.strings:
            return np.array(found, np.int64).reshape(value.shape)
        return np.array([x.decode() for x in found], object).reshape(value.shape)


PUNCTUATION = re.compile(rb"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']")
SPACE = re.compile(rb"[ \t\n\v\f\r]+")


class TextVectorization(Lookup):
    """Standardised, split, n-grams, looked up; in mode int padded with 0 or cut to a length.

    `tf.strings.lower` only knows ASCII letters.
    """

    source = "tf_keras/src/layers/preprocessing/text_vectorization.py"
    names = ("TextVectorization",)

    def read(self, options: Options, make: Make) -> None:
        self.standardize = options.take("standardize", "lower_and_strip_punctuation")
        self.split = options.take("split", "whitespace")
        if self.standardize not in (None, "lower", "strip_punctuation", "lower_and_strip_punctuation"):
            raise options.unspecified("standardize is a function")
        if self.split not in (None, "whitespace", "character"):
            raise options.unspecified("split is a function")
        ngrams = options.take("ngrams", None)
        self.ngrams = list(range(1, ngrams + 1)) if isinstance(ngrams, int) else ngrams
        self.length = options.take("output_sequence_length", None)
        options.only("ragged", False)
        options.values = options.values | {"vocabulary_dtype": "string", "mask_token": ""}
        super().read(options, make)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        if self.split is None:
            return self.unsplit(tensor.value, context)
        words = [self.words(text) for text in texts(tensor.value)]
        places = [[self.place(word) for word in row] for row in words]
        if self.mode != "int":
            rows = np.stack([counted(np.array(row, np.int64), self.depth) for row in places])
            found = (rows > 0 if self.mode == "multi_hot" else rows).astype(context.dtype)
            return Tensor(found * self.idf_row(context) if self.mode == "tf_idf" else found)
        length = max((len(row) for row in places), default=0) if self.length is None else int(self.length)
        return Tensor(np.array([row[:length] + [0] * (length - len(row)) for row in places], np.int64))

    def unsplit(self, value: Array, context: Context) -> Tensor:
        """Each string is a token."""
        if self.ngrams is not None or self.length is not None:
            raise self.unspecified("n-grams or a length of what is not split")
        places = [self.place(self.words(text)[0]) for text in texts(value)]
        return Tensor(self.output(np.array(places, np.int64).reshape(value.shape), context))

    def words(self, text: bytes) -> list[bytes]:
        if self.standardize in ("lower", "lower_and_strip_punctuation"):
            text = text.lower()
        if self.standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
            text = PUNCTUATION.sub(b"", text)
        found = [text]
        if self.split == "whitespace":
            found = [word for word in SPACE.split(text) if word]
        elif self.split == "character":
            found = [character.encode() for character in text.decode()]
        if self.ngrams is None:
            return found
        return [b" ".join(found[n : n + width]) for width in self.ngrams for n in range(len(found) - width + 1)]
