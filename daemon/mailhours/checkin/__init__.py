"""What leaves at a check-in and what is withheld: decided here, sent elsewhere."""
