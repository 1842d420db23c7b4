"""What a service asks of the system before it serves."""

import resource
import subprocess
import sys

import pytest

from clientela import limits

RAISE = """
import resource
from clientela.web.serving import raise_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
raise_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
MOST = (
    limits.OPEN_FILES_ITEMS_MAX
    if HARD == resource.RLIM_INFINITY
    else min(HARD, limits.OPEN_FILES_ITEMS_MAX)
)


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [(256, HARD, (MOST, HARD)), (256, 512, (512, 512)), (512, 512, (512, 512))],
)
def test_as_many_files_may_be_open_as_the_system_allows(soft, hard, expected):
    program = RAISE.format(soft=soft, hard=hard)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout

    assert tuple(map(int, told.split())) == expected
