"""keras/layers/recurrent.py and what wraps it."""
