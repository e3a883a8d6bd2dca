"""Editor of layouts as movable lines, with a preview."""
