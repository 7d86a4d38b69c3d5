"""The one place that gives files their names: whole, and never over one that is still needed."""
