"""Dense, Embedding, Masking, InputLayer, Lambda, layers made of one op: as `keras.layers.core`."""
