"""Files to values: the configuration read, checked with FILE:LINE, and shown as understood."""
