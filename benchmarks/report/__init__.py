"""From figures to a document: results in one JSON file, statistics, tables and plots."""
