"""Where mail comes from and is filed: one small protocol, and the sources behind it."""
