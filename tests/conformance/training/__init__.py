"""Ten further training steps against the recorded continuation of the authoring Keras."""
