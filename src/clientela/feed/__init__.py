"""The read side of Durable Streams over any ordered log; knows nothing of what the log holds."""
