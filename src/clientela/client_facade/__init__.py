"""A branch's own register: a replica that is read locally and kept in step with the server."""
