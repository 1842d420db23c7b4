"""Load generators, and what they send: no measured service is known here."""
