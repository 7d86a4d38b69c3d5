"""Lambda layers: their bytecode is read and followed, never run."""
