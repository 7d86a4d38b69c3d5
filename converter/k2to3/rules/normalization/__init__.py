"""BatchNormalization, LayerNormalization and their like."""
