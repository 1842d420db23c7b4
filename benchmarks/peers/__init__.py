"""The services that are measured: one small file each, and ``peer.py``, which says what each is."""
