"""Layers of well-known libraries, identified beyond doubt and rebuilt from built-in ones."""
