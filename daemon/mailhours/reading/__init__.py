"""What one mail means: person or robot, what is new, what is wanted; bytes to a Reading."""
