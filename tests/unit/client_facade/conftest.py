"""Property tests on a machine that does other work, too."""

from hypothesis import settings

# A deadline per example measures the machine, not the code; the whole run has a timeout.
settings.register_profile("clientela", deadline=None)
settings.load_profile("clientela")
