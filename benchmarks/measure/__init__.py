"""One file per measurement: each takes a stage and adds to the results."""
