"""Layers of keras-bert and of the packages that it is made of, all by one author.

keras-pos-embd, keras-embed-sim, keras-multi-head, keras-position-wise-feed-forward, keras-transformer, keras-bert
(github.com/CyberZHG, releases of PyPI of January 2022). Many people have classes of such names; `rules/packages.py`
says when a file's are these.
"""
