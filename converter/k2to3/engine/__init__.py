"""From a checkpoint to its plan: layers and calls are followed, rules are asked, a graph is built."""
