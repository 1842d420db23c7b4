"""``clientela torture``: real processes under real faults, judged by an independent oracle."""
