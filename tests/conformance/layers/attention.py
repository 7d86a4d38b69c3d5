"""Attention layers."""

from __future__ import annotations

from tests.conformance.layers.table import Table, ids, reals

TABLE = Table()

query, value = reals(4, 6), reals(5, 6)
for variant, arguments in {
    "plain": {},
    "scale": {"use_scale": True},
    "concat": {"score_mode": "concat"},
    "concat scale": {"score_mode": "concat", "use_scale": True},
    "dropout": {"dropout": 0.2},
}.items():
    TABLE.add("Attention", variant, (query, value), lambda k, q, v, a=arguments: k.layers.Attention(**a)([q, v]))
TABLE.add("Attention", "key", (query, value, value), lambda k, q, v, w: k.layers.Attention()([q, v, w]))
TABLE.add("Attention", "causal", (value, value), lambda k, q, v: k.layers.Attention()([q, v], use_causal_mask=True))
TABLE.add(
    "Attention", "scores", (query, value), lambda k, q, v: k.layers.Attention()([q, v], return_attention_scores=True)
)
for name in ("Attention", "AdditiveAttention"):
    TABLE.add(
        name,
        "masks",
        (ids(4, high=3), ids(5, high=3)),
        lambda k, q, v, n=name: k.layers.LSTM(2)(
            getattr(k.layers, n)()(
                [k.layers.Embedding(4, 3, mask_zero=True)(q), k.layers.Embedding(4, 3, mask_zero=True)(v)]
            )
        ),
    )
    TABLE.add(
        name,
        "mask list",
        (query, value, reals(4, dtype="bool"), reals(5, dtype="bool")),
        lambda k, q, v, a, b, n=name: getattr(k.layers, n)()([q, v], mask=[a, b]),
    )
TABLE.add("AdditiveAttention", "plain", (query, value), lambda k, q, v: k.layers.AdditiveAttention()([q, v]))
TABLE.add(
    "AdditiveAttention", "no scale", (query, value), lambda k, q, v: k.layers.AdditiveAttention(use_scale=False)([q, v])
)
for variant, arguments in {
    "plain": {"num_heads": 2, "key_dim": 3},
    "value_dim": {"num_heads": 2, "key_dim": 3, "value_dim": 4},
    "small value_dim": {"num_heads": 2, "key_dim": 4, "value_dim": 3},
    "output_shape": {"num_heads": 2, "key_dim": 3, "output_shape": 5},
    "no bias": {"num_heads": 2, "key_dim": 3, "use_bias": False},
}.items():
    TABLE.add(
        "MultiHeadAttention",
        variant,
        (query, value),
        lambda k, q, v, a=arguments: k.layers.MultiHeadAttention(**a)(q, v),
    )
TABLE.add(
    "MultiHeadAttention",
    "key",
    (query, value, reals(5, 3)),
    lambda k, q, v, w: k.layers.MultiHeadAttention(2, 3)(q, v, w),
)
TABLE.add("MultiHeadAttention", "self", query, lambda k, q: k.layers.MultiHeadAttention(2, 3)(q, q))
TABLE.add(
    "MultiHeadAttention", "causal", query, lambda k, q: k.layers.MultiHeadAttention(2, 3)(q, q, use_causal_mask=True)
)
TABLE.add(
    "MultiHeadAttention",
    "scores",
    (query, value),
    lambda k, q, v: k.layers.MultiHeadAttention(2, 3)(q, v, return_attention_scores=True),
)
TABLE.add(
    "MultiHeadAttention",
    "axes",
    reals(3, 4, 6),
    lambda k, q: k.layers.MultiHeadAttention(2, 3, attention_axes=(1, 2))(q, q),
)
TABLE.add(
    "MultiHeadAttention",
    "one axis",
    reals(3, 4, 6),
    lambda k, q: k.layers.MultiHeadAttention(2, 3, attention_axes=(1,))(q, q),
)
TABLE.add(
    "MultiHeadAttention",
    "mask",
    (query, value, reals(4, 5, dtype="bool")),
    lambda k, q, v, m: k.layers.MultiHeadAttention(2, 3)(q, v, attention_mask=m),
)
TABLE.add(
    "MultiHeadAttention",
    "masks",
    (ids(4, high=3), ids(5, high=3)),
    lambda k, q, v: k.layers.MultiHeadAttention(2, 3)(
        k.layers.Embedding(4, 3, mask_zero=True)(q), k.layers.Embedding(4, 3, mask_zero=True)(v)
    ),
)
