"""Python bytecode of Lambda layers, read and followed symbolically. Nothing is executed."""
