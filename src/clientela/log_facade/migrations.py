"""The Log DB's numbered migrations; never edited once released.

Invariants: an entry is either a row of ``entries``, which is in the order of time, and of arrival
within a microsecond, or one of a block's, never both. A block's entries lie within one minute. For
every entry ever written its minute's histogram counts it, in the same transaction, and so do its
hour's and its day's from ``log.hours_from`` and ``log.days_from`` on (see rollup.py).
``log.entries`` is the number of rows in ``entries`` and of entries in blocks.
"""

from clientela.storage.database import Application

APPLICATION = Application(id=0x434C_4F47, name="a latency log of Clientela")  # "CLOG"

_0001_ENTRIES = """
CREATE TABLE log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  source INTEGER NOT NULL,      -- 32 random bits: tells this log's entries from another's
  last_seq INTEGER NOT NULL,    -- numbers the entries ever written
  entries INTEGER NOT NULL      -- rows in entries; counting them would take seconds
) STRICT;
INSERT INTO log VALUES (1, random() & 0xffffffff, 0, 0);

-- The few combinations that repeat in every entry.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  facade TEXT NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  UNIQUE (facade, method, route)
) STRICT;

-- WITHOUT ROWID: the table is its own index by time, appended at its end, pruned at its beginning.
CREATE TABLE entries (
  time_us INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  series INTEGER NOT NULL,
  status INTEGER NOT NULL,
  latency_us INTEGER NOT NULL,
  parts TEXT,                   -- JSON: microseconds by name; NULL for none
  bytes INTEGER NOT NULL,
  trace_id BLOB NOT NULL,
  lag_ms INTEGER,
  outbox INTEGER,
  error TEXT,
  PRIMARY KEY (time_us, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE minutes (
  minute INTEGER NOT NULL,      -- minutes since 1970
  series INTEGER NOT NULL,
  status INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum_us INTEGER NOT NULL,
  max_us INTEGER NOT NULL,
  buckets BLOB NOT NULL,        -- see histogram.py
  PRIMARY KEY (minute, series, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE drops (
  minute INTEGER PRIMARY KEY,   -- when it was found that entries had been dropped
  count INTEGER NOT NULL
) STRICT;
"""

_0002_HOURS_AND_DAYS = """
CREATE TABLE hours (
  hour INTEGER NOT NULL,        -- hours since 1970
  series INTEGER NOT NULL,
  status INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum_us INTEGER NOT NULL,
  max_us INTEGER NOT NULL,
  buckets BLOB NOT NULL,
  PRIMARY KEY (hour, series, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE days (
  day INTEGER NOT NULL,         -- days since 1970, of UTC
  series INTEGER NOT NULL,
  status INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum_us INTEGER NOT NULL,
  max_us INTEGER NOT NULL,
  buckets BLOB NOT NULL,
  PRIMARY KEY (day, series, status)
) STRICT, WITHOUT ROWID;

-- The first that is counted in full; what was before is filled from the minutes later, in steps,
-- for a file of a busy month would hold its facade's start up for seconds.
ALTER TABLE log ADD COLUMN hours_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log ADD COLUMN days_from INTEGER NOT NULL DEFAULT 0;
UPDATE log SET hours_from = coalesce((SELECT max(minute) / 60 + 1 FROM minutes), 0);
UPDATE log SET days_from = coalesce((SELECT max(minute) / 1440 + 1 FROM minutes), 0);
"""

_0003_BLOCKS = """
-- What came at a high rate: some thousand entries in a row (see blocks.py). What trickles in stays
-- in entries, as does what older versions wrote.
CREATE TABLE blocks (
  first_seq INTEGER PRIMARY KEY,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  count INTEGER NOT NULL,
  columns BLOB NOT NULL
) STRICT;
CREATE INDEX blocks_by_first ON blocks (first_us, last_us);
CREATE INDEX blocks_by_last ON blocks (last_us, first_us);
"""

MIGRATIONS = (_0001_ENTRIES, _0002_HOURS_AND_DAYS, _0003_BLOCKS)
