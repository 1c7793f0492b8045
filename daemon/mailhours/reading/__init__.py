"""What one mail means: person or robot, what is new in it, what it wants; bytes in, a Reading out."""
