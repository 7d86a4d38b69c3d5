"""What each key of a Keras 1 or 2 architecture may hold.

Checked once, before anything else reads the architecture, so that no rule meets a value
that no Keras writes.
"""
