"""What a user can ask for: each option is declared once, for Python, the command line and JSON."""
