"""SavedModel folders and TensorFlow checkpoints, read without TensorFlow.

Three formats, each with a small reader of its own: messages (protobuf's wire format, `wire.py`), the table that
names the tensors (`table.py`, a LevelDB table), and the data files in which each lies in one piece (`bundle.py`).
"""
