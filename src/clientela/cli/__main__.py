"""``python -m clientela.cli``: the same as the command ``clientela``."""

from clientela.cli.main import app
from clientela.cli.supervised import end_with_supervisor

end_with_supervisor()
app(prog_name="clientela")
