"""What Schemathesis can't make by itself: header values with more than letters and digits."""

import schemathesis
from hypothesis import strategies as st

POSITIONS = st.builds("{:010d}_{:020d}".format, st.integers(1, 9), st.integers(0, 999))

schemathesis.openapi.format("uuid", st.uuids(version=4).map(str))
schemathesis.openapi.format("entity-tag", st.just("*") | st.builds('"{}"'.format, POSITIONS))
schemathesis.openapi.format(
    "request-target", st.sampled_from(["/clients", "/client?limit=1", "/x"])
)
