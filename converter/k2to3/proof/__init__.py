"""Proof that an archive on disk computes what Keras 2 computes."""
