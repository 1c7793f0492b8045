"""What the owner reads: the day, the week, the dossier, the letters; values to text and HTML."""
