"""Facts about Keras 3's layers: one row for each class, in files named as Keras names its folders."""
