"""One file per layer family; each rule says what Keras changed and returns Keras 3 layers."""
