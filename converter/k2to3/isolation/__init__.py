"""Processes of our own that a checkpoint cannot reach through: started clean, limited, and watched."""
