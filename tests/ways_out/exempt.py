"""Hints without a row, and why."""

from __future__ import annotations

PASSED_ON = "passes a hint on, which has a row where it is said"
NOTHING = "nothing is left to do with such a file"
NO_LAYERS = "a graph without layers, for Keras 3 to call: tests/formats/test_saved_model.py"
MACHINE = "about the machine, not the case: tests/test_bare.py, tests/faults"
REMOTE = "about places elsewhere: tests/faults/test_remote.py"
CLUSTER = "about processes elsewhere: tests/faults/test_cluster.py, tests/faults/test_executors.py"
LIVE = "wants a live Keras 3 model: tests/custom/test_load_weights.py"
WORKER = "wants a worker with Keras 3: tests/custom"
OURS = "says what a rule of k2to3 lacks: tests/keras3"

GUARD = "a guard: no case is known that comes here"

EXEMPT = {
    "api/cutting.py:_by_path": "tests/keras2/test_cut.py",
    "engine/shared.py:_converted": GUARD,
    "functions/slicing.py:_chosen": GUARD,
    "matching/paths.py:_parts": GUARD,
    "archive/requirements.py:refuse_newer": "tests/archive/test_requirements.py",
    "sources/saved_model/checkpoint_paths.py:_check_order": "both ways in tests/formats/test_saved_model_bytes.py",
    "errors.py:__init__": PASSED_ON,
    "functions/emitter.py:refuse": PASSED_ON,
    "installed.py:check_installed": MACHINE,
    "leftovers.py:_temporary": MACHINE,
    "proof/bench.py:check_bench": MACHINE,
    "proof/bench.py:check_bench/2": MACHINE,
    "proof/bench.py:check_bench/3": MACHINE,
    "proof/bench.py:check_bench/4": MACHINE,
    "proof/outputs.py:prove_outputs": MACHINE,
    "proof/outputs.py:run_worker": MACHINE,
    "proof/outputs.py:run_worker/2": MACHINE,
    "proof/reference.py:_check_array": "a format of arrays that no NumPy writes",
    "migration/cluster.py:_local": CLUSTER,
    "migration/cluster.py:_asked": CLUSTER,
    "migration/cluster.py:cluster": CLUSTER,
    "migration/futures.py:convert_with": CLUSTER,
    "migration/give.py:check_places": CLUSTER,
    "migration/pool.py:_lost": MACHINE,
    "migration/remote.py:_fetched": MACHINE,
    "migration/remote.py:check_free": REMOTE,
    "migration/remote.py:store": REMOTE,
    "migration/remote.py:store/2": REMOTE,
    "functions/losses.py:_from_tensorflow_1_14": "tests/specification/test_backend_functions.py",
    "migration/pool.py:_lost/2": MACHINE,
    "isolation/child.py:_judged": "about who killed a process: tests/isolation/test_child.py",
    "sources/opened.py:_changed": MACHINE,
    "api/load_weights.py:_check_complete": LIVE,
    "live/compared.py:check_same": LIVE,
    "live/compared.py:check_same/2": LIVE,
    "live/described.py:check_defaults": LIVE,
    "live/described.py:inputs_of": LIVE,
    "live/filled.py:_matched": LIVE,
    "live/filled.py:layer": LIVE,
    "live/filled.py:operations": LIVE,
    "sources/architecture.py:_unwrapped": LIVE,
    "custom/client.py:_ask": WORKER,
    "custom/matching.py:match": WORKER,
    "custom/rule.py:custom_masks": WORKER,
    "rules/rulebook.py:find": WORKER,
    "rules/rnn/any_cell.py:_custom": WORKER,
    "rules/third_party/seq_self_attention.py:seq_self_attention": WORKER,
    "sources/architecture.py:_parse": "wants tf-keras: tests/ways_out/test_factory_hints.py",
    "sources/factory.py:build": "wants tf-keras: tests/ways_out/test_factory_hints.py",
    "keras3/layers/table.py:facts_of": OURS,
    "keras3/ops/table.py:_unknown": OURS,
    "sources/authorship.py:refuse_keras3": NOTHING,
    "sources/keras_archive.py:_writer": NOTHING,
    "sources/variables.py:read_variables": NOTHING,
    "sources/saved_model/checkpoint.py:_writer/2": NOTHING,
    "sources/saved_model/read.py:_writer/2": NOTHING,
    "rules/unknown.py:unsupported": NOTHING,
    "sources/saved_model/object_graph.py:read_object_graph": NO_LAYERS,
    "sources/saved_model/object_graph.py:read_object_graph/2": NO_LAYERS,
    "sources/saved_model/read.py:_checkpoint": NO_LAYERS,
    "sources/saved_model/read.py:_check_root/2": NO_LAYERS,
    "sources/saved_model/read.py:stored_objects": "TensorFlow 1's bundles, as tests/formats has them",
}
