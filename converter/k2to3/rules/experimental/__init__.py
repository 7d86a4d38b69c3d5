"""Experimental layers and premade models of TensorFlow."""
