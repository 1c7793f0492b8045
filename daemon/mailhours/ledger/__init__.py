"""Facts at rest, how they were read, and what became of replies: the one door to the database."""
