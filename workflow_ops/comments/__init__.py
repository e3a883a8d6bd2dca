"""Comments on tickets: who may read them, writing them, and following."""
