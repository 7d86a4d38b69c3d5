# ruff: noqa
# Run by a plain interpreter of any version from 2.7: compiles and marshals, nothing more.
# usage: python author.py corpus.txt > pythonX.Y.json
import base64
import json
import marshal
import sys


def entries(path):
    for line in open(path):
        if line.strip() and not line.startswith("#"):
            name, shapes, source = line.rstrip("\n").split(" | ", 2)
            yield name, shapes, source.replace("\\n", "\n")


def function_code(source):
    module = compile(source, "<ipython-input-1>", "exec" if source.startswith("def") else "eval")
    return next(item for item in module.co_consts if hasattr(item, "co_code"))


found = {}
for name, shapes, source in entries(sys.argv[1]):
    try:
        found[name] = base64.b64encode(marshal.dumps(function_code(source))).decode("ascii")
    except SyntaxError:
        pass
json.dump(found, sys.stdout, sort_keys=True)
