"""What Keras 1.2 to 2.15 computes, in NumPy: an executable specification, read from Keras's own source.

It shares no reading with the rules of the conversion: two independent readings of one truth. Nothing is imported here:
who only asks how a file is read does not load all of Keras.
"""
