"""``python -m clientela.cli``: the same as the command ``clientela``."""

from clientela.cli.main import app

app(prog_name="clientela")
