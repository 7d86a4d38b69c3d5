"""Many checkpoints in one run."""
