"""Judgement: what the messages of a client add up to, with the evidence; pure."""
