"""Messages that old and new Kerases show on checkpoints of another generation, and what to do about each."""
