"""Words in the reader's language: templates, dates, plurals; the only place that words a mail."""
