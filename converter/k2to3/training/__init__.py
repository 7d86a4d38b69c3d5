"""Training state: `training_config` and `optimizer_weights` become Keras 3's."""
