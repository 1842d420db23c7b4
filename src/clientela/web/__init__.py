"""What every service's HTTP shares: problems, guards, bodies, lists, health and documentation."""
