"""Actions: calls to other systems, their answers, connections and the log of calls."""
