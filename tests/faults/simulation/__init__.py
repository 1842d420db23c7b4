"""A register, its facades and everything between them in one process, with simulated time.

Server, facades, people, network and clocks run on one event loop that never waits; whatever happens
by chance is drawn from one seed, so a run that fails is run again by its seed.
"""
