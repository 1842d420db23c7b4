"""The latency log: measures any ASGI application, keeps entries, answers questions about them.

A library first (``LatencyLogs`` wires it into a host), and a service of its own (``app``).
"""
