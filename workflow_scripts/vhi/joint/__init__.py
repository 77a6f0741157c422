"""Territories of the sacroiliac joints: sides, sacrum and ilium, quadrants."""
