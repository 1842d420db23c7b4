"""SQLite files: opening them safely, and the tables that a register and its replica share."""
