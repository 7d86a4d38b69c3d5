"""keras/layers/preprocessing: images, numbers, categories, text."""
