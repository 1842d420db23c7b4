"""Every bound in Clientela: its name ends in its unit, its comment gives the reason."""

# --- A client -----------------------------------------------------------------------------------
NAME_CHARACTERS_MAX = 200  # the longest company names registered in Brazil are under 150
EMAIL_CHARACTERS_MAX = 254  # RFC 5321: the longest address that can be delivered to
PHONE_CHARACTERS_MAX = 32  # E.164 is 16; people add spaces, dashes and brackets
DOCUMENT_CHARACTERS_MAX = 32  # a CNPJ with punctuation is 18; people add spaces
NOTES_CHARACTERS_MAX = 10_000  # a few pages; longer texts belong in a document store
COMBINING_MARKS_MAX = 30  # in a row (UAX #15, Stream-Safe): composing more takes quadratic time

# --- Writes -------------------------------------------------------------------------------------
WRITES_PER_REQUEST_MAX = 1_000  # one transaction's worth; keeps the writer's pause in milliseconds
WRITE_QUEUE_ITEMS_MAX = 10_000  # about a second of the writer's work; beyond it callers get 503
WRITE_GROUP_ITEMS_MAX = 1_000  # writes that share one transaction and one fsync
WRITE_DEPENDENCIES_MAX = 16  # one per field that a write builds on, and its insert
NAME_OF_FACADE_CHARACTERS_MAX = 64  # a label for people, and part of file names

# --- HTTP ---------------------------------------------------------------------------------------
BODY_BYTES_MAX = 1_048_576  # one client is under 50 kB; only batches of writes have a larger bound
BATCH_BODY_BYTES_MAX = 33_554_432  # 1,000 writes with long notes
JSON_NESTING_MAX = 16  # levels in a body: an array of writes with their fields has four
PAGE_ITEMS_MAX = 10_000  # a page is held in memory once: 3 MB of usual clients
PAGE_BYTES_MAX = 8_388_608  # a page ends early beyond this: clients with long notes are large
PAGE_STEP_ITEMS = 500  # rows read between two looks at that bound: at most 20 MB beyond it
STREAM_PAGE_ITEMS = 1_000  # rows read at a time while a whole list is streamed: about 300 kB
GZIP_BYTES_MIN = 1_024  # what fits into a packet gains nothing
GZIP_LEVEL = 6  # done once for all who ask, in a thread: 3 ms for 300 kB
LIST_PAGES_BYTES_MAX = 33_554_432  # pages kept, as sent and by their items: fifty of 1,000 clients
LIST_PAGE_CHANGES_MAX = 64  # rows looked up for a kept page; beyond it reading it anew is as quick
LIST_PAGE_BYTES_MAX = 4_194_304  # a larger page is made for each who asks: a copy of the register
CSV_STEP_ITEMS = 100  # rows written without a pause: about 1 ms of the event loop
QUERY_CHARACTERS_MAX = 200  # a search that people type
RETRY_AFTER_S = 2  # what 503 answers ask callers to wait: the line is retried more often than that
HOSTS_REMEMBERED_ITEMS = 64  # judged once: callers name the same few in every request
LISTEN_BACKLOG_CONNECTIONS = 2_048  # connections that wait for the event loop's next turn
OPEN_FILES_ITEMS_MAX = 65_536  # asked of the system at the start: usual shells allow 1,024 files
OPEN_FILES_KEPT_ITEMS = 256  # of these: for databases and the line to the server
OPEN_CONNECTIONS_MAX = 16_384  # at once in one process; beyond it callers get 503
REFUSED_CONNECTIONS_MAX = 64  # beyond that, told so at once; more are closed without a word
HANDLED_REQUESTS_MAX = 256  # under way, followers apart; beyond it they take seconds, and get 503
TURNED_AWAY_S = 0.5  # who was told so is not heard for this long, or refusing is all that is done
PIPELINED_REQUESTS_MAX = 64  # waiting on one connection for the answers before theirs
FOLLOWERS_ITEMS_MAX = 10_000  # live answers at once in one process, 14 kB each; beyond it 503
TARGET_BYTES_MAX = 8_192  # path and query: what other servers and proxies take, too
HEAD_BYTES_MAX = 32_768  # request line and headers: a browser with many cookies has 10 kB
HEADERS_ITEMS_MAX = 100  # lines of a head; browsers and proxies send 30
HEAD_S = 10  # from a head's first byte to its last: it fits into a few packets
BODY_PER_LOOK_BYTES_MIN = 10_240  # 1 kB/s, a tenth of the slowest mobile line; slower is let go
BODY_LOOK_S = 10  # how often that is looked at
BODY_UNREAD_BYTES_MAX = 1_048_576  # of a body that nobody waits for; then the connection is closed
LARGE_BODIES_ITEMS_MAX = 8  # beyond BODY_BYTES_MAX: read and parsed, each is many times its size
IDLE_S = 5  # a connection without a request is closed after this
LINGER_S = 2  # what a caller that still sends gets to read why it was refused
UNREAD_S = 30  # a caller that has room for nothing more for so long is cut off
THREAD_SWITCH_S = 0.0005  # what the event loop waits for a busy thread beside it; not 5 ms
GARBAGE_OBJECTS = 10_000  # new ones before a collection: with 1,000 followers it took 0.2 s pauses
GARBAGE_ROUNDS = 50  # collections of young objects before one of older ones
SHUTDOWN_S = 5  # open requests get this long at SIGTERM; everything ends within 10 s
FAST_HEADS_ITEMS_MAX = 256  # kinds of callers, by the heads that they send; each under 1 kB
FAST_HEAD_BYTES_MAX = 1_024  # a browser's head without cookies is 700; longer ones are parsed anew
HTTPS_REMEMBERED_S = 365 * 86_400  # browsers then open no page of ours over plain HTTP

# --- Tokens ---------------------------------------------------------------------------------------
TOKEN_NAME_CHARACTERS_MAX = 64  # as long as a facade's: one has the name of its facade
TOKENS_MAX = 1_000  # that live; read anew each second, which takes a millisecond
TOKEN_BODY_BYTES_MAX = 4_096  # what is asked of a new one is under 200
TOKEN_LASTS_S_MAX = 10 * 366 * 86_400  # longer is for ever: leave it out
TOKENS_READ_S = 1  # how soon a token that was added or revoked at the server is known there
TOKENS_ASK_S = 2  # how soon it is known at a facade that is in touch
TOKENS_REMEMBERED_ITEMS = 1_024  # Authorization headers that were checked: each under 200 bytes
AUTHZ_CACHE_S = 10  # what a cache in front may remember of who may read: a revocation waits for it
TOKEN_REQUESTS_PER_S = 1_000  # a branch of fifty people asks a tenth of that
TOKEN_BURST_S = 2  # of that rate may come at once, after a pause
TOKEN_FOLLOWERS_MAX = 256  # live answers at once: the browsers of a large branch, one each

# --- Signing in -----------------------------------------------------------------------------------
SESSION_IDLE_S = 12 * 3_600  # a browser that nobody opened since yesterday signs in again
SESSION_S = 7 * 86_400  # and everyone once a week
SESSIONS_PER_TOKEN_MAX = 100  # browsers of one token; beyond it the oldest is signed out
SESSIONS_STORED_S = 60  # how much of "last used" a killed facade may forget
SIGN_IN_FAILURES_MAX = 10  # wrong tokens of one address: people paste the wrong one now and then
SIGN_IN_FAILURES_S = 300  # within this; then it may try again
SIGN_IN_ADDRESSES_MAX = 10_000  # remembered, about 1 MB; beyond it the oldest is forgotten

# --- The feed -----------------------------------------------------------------------------------
FEED_BATCH_MESSAGES_MAX = 1_000  # one catch-up answer: about 700 kB
LONG_POLL_S = 20  # below the 30 s idle limit of common proxies
SSE_CONTROL_INTERVAL_S = 4  # a follower hears something at least every 5 s
SSE_CLOSE_S = 60  # a connection's life: load balancers get their turn
SSE_CLOSE_SPREAD_RATIO = 0.3  # of that: who came together comes again one by one, within 18 s
SSE_LOOK_INTERVAL_S = 0.25  # how soon it is seen that a follower left, or is due for a word
SSE_SLICE_CONNECTIONS = 100  # written to without a pause: about 1 ms of the event loop
SSE_BUFFERED_BYTES_MAX = 1_048_576  # a full batch; who has more unread is let go, and comes again
SSE_ENCODED_ITEMS_MAX = 256  # of one event: most followers share a cursor
SSE_END_S = 1  # what a reader gets to take the rest of a stream that ends
FEED_CACHE_S = 60  # a page of the past never changes; a minute lets a cache fan it out
SHARED_LONG_POLL_S = 3  # behind a shared cache: its followers hear something at least every 5 s
SHARED_SILENCE_S = 1  # how long a cache tells the same silence: nginx's waiters look twice a second
CHANGES_KEPT_ITEMS_MIN = 1_000_000  # the server's retained part of the log ...
CHANGES_KEPT_S_MIN = 30 * 86_400  # ... whichever of the two is more
FACADE_CHANGES_KEPT_ITEMS_MIN = 100_000  # a facade relays the recent part only ...
FACADE_CHANGES_KEPT_S_MIN = 86_400  # ... whichever of the two is more
PRUNE_INTERVAL_S = 600  # how often what is beyond retention is dropped
PRUNE_ITEMS_MAX = 5_000  # dropped in one transaction: a few milliseconds of the writer

# --- Personal data ------------------------------------------------------------------------------
AUDIT_EXPORTED_ITEMS_MAX = 100_000  # of one person's: far more than anyone's record, 30 MB of JSON
SEARCH_MERGE_PAGES = 500  # of the index in one transaction: about 15 ms of the writer
ERASURES_PAGE_ITEMS = 10_000  # ids in one answer to a facade: 1 MB

# --- Digests ------------------------------------------------------------------------------------
DIGEST_RANGE_ITEMS = 4_096  # rows summed up in one range: a million rows are 250 ranges
DIGEST_STEP_ITEMS = 500  # rows hashed without a pause: about 2 ms
DIGEST_PAUSE_S = 0.001  # lets the event loop have its turn: 1,000,000 rows take a few seconds
DIGEST_COUNT_INTERVAL_S = 86_400  # how often a replica's rows are counted anew
REPAIRS_BEFORE_COPY = 2  # what two repairs did not bring into step, a fresh copy does
REPAIR_ROWS_MAX = 10_000  # rows put right one by one; beyond that a whole copy is quicker

# --- A facade and its server ----------------------------------------------------------------------
SNAPSHOT_PAGE_ITEMS = 10_000  # a short transaction at both ends
SERVER_CONNECT_S = 3  # a server that does not accept in this time is away
SERVER_ANSWER_S = 10  # a server that does not answer in this time is away
SERVER_REPORT_S = 60  # a report over every row of a register of millions
SERVER_CONNECTIONS_MAX = 100  # requests under way at once from one facade; the next ones wait
SERVER_KEEPALIVE_S = 4  # an idle connection is let go before the server's 5 s: no write is cut off
OUTBOX_WRITES_MAX = 100_000  # days without a line; beyond it new writes get 503
SYNC_WRITES_MAX = 100  # of each kind listed in /sync: more than people read
SYNC_STATES_KEPT_ITEMS = 64  # each stands for itself: a page needs only the last
SYNC_STATE_INTERVAL_S = 0.2  # how soon the pages show that something changed
HOT_CLIENTS_ITEMS_MAX = 32_768  # read again and again at a branch: 16 MB of usual clients
HOT_CLIENT_BYTES_MAX = 2_048  # one with long notes is read from the database: the bound above holds
FAST_READS_TOLD_NS = 8_000_000  # how long point reads say the same of their age: it is in seconds
SEARCH_INDEXED_AT_ONCE_ITEMS_MAX = 50  # with their changes: 2 ms; more are left to the background
SEARCH_INDEX_STEP_ITEMS = 500  # clients indexed in one transaction: about 15 ms of the writer
SEARCH_MATCHES_MAX = 100_000  # counted of a search; nobody looks through more, and it takes 50 ms
WINDOW_ROWS_PASSED_MAX = 10_000_000  # far beyond any register that a branch holds
SEARCH_INDEX_AGAIN_S = 5  # after a step that failed: the disk is full
REPLICA_WAIT_S = 5  # how long a write waits for the facade's own replica to hold it
LINE_SILENT_S = 6  # the server says something every 4 s: then writes are kept without asking it
LATE_REQUEST_S = 30  # what a process sent before it died has arrived by then, or never will
OFFLINE_AFTER_S = 10  # no word from the server for this long is "offline"
COPY_AGAIN_S = 30  # a copy that differs again is not taken again and again without a pause
RECONNECT_DELAY_S_MAX = 5  # a line that is back is used within this
RECONNECT_DELAY_S_MIN = 0.1  # the first retry; doubled up to the maximum
SENT_WRITES_REMEMBERED_ITEMS = 10_000  # ids in memory, 1 MB: hours of people's work
TRACE_ANSWER_S = 2  # what a look at one trace waits for the server's part of it
TRACE_ENTRIES_MAX = 1_000  # of one trace at the server: a request has a handful
LOST_RECEIPTS_AT_ONCE = 50  # asked side by side, after the register was restored

# --- The facades of a register ------------------------------------------------------------------
FACADES_MAX = 10_000  # known at a server, 10 MB of memory; beyond it new ones are refused
FACADE_REPORT_BYTES_MAX = 16_384  # a report is under 1 kB
FACADE_REPORT_INTERVAL_S_MIN = 1  # a report counts five minutes of requests: a few milliseconds
FACADE_REPORT_INTERVAL_S = 5  # how old the overview's figures are at most
FACADE_REPORTS_STORED_S = 60  # how much of "last seen" a killed server may forget
FACADE_REPORTS_SHARED_S = 2  # how late servers of one register hear each other's reports
FACADE_LATENCY_S = 300  # the requests whose percentiles are reported
FACADE_LATENCY_ANSWER_S = 4  # what a report waits for them; the next one is due in 5 s
LAST_ERROR_CHARACTERS_MAX = 500  # of an error's text, in a report

# --- Alerts and nightly backups -------------------------------------------------------------------
ALERT_AFTER_S = 900  # a line that comes back within a quarter of an hour is nobody's business
ALERT_LOOK_S = 5  # how often the facades' reports are looked through: they come as often
ALERT_OVER_S = 60  # how long a condition must be gone: a line that comes and goes is told once
ALERT_ANSWER_S = 10  # what a receiver gets to take an alert
ALERT_AGAIN_S_MIN = 1  # the first retry; doubled up to the maximum
ALERT_AGAIN_S_MAX = 300  # a receiver that is back hears within five minutes
ALERTS_WAITING_ITEMS_MAX = 10_000  # one of each facade, 3 MB; beyond it the oldest go
BACKUP_LOOK_S = 20  # how late a backup begins at most; clocks may jump meanwhile
BACKUP_AGAIN_S = 600  # after one that failed: the disk is full, or not mounted
BACKUP_NICENESS = 10  # of its process: with two busy cores it gets a tenth
BACKUPS_KEPT_ITEMS = 7  # a week of nights

# --- Everything on one machine ------------------------------------------------------------------
SUPERVISOR_INTERVAL_S = 0.1  # how soon a dead part is noticed
RESTART_DELAY_S_MIN = 0.5  # a part that died starts again after this; doubled while it keeps dying
RESTART_DELAY_S_MAX = 10  # a part that lives this long is well again
DEMO_REQUESTS_AT_ONCE = 16  # busy, yet a laptop stays usable
STOP_S = 8  # parts get this long to end; everything is over within 10 s

# --- Databases ----------------------------------------------------------------------------------
SQLITE_CACHE_BYTES = 8_388_608  # per connection: the index of 200,000 clients
SQLITE_HOT_CACHE_BYTES = 67_108_864  # of a million clients the indexes, and a tenth of the rows
SQLITE_SCAN_CACHE_BYTES = 1_048_576  # a scan reads each page once
SQLITE_CHECK_BYTES_MAX = 536_870_912  # files up to this are checked at each start: about 2 s
SQLITE_BUSY_MS = 5_000  # another process is checkpointing; far longer than that ever takes
BACKUP_STEP_PAGES = 1_024  # copied between two words of progress: 4 MB
CHECK_FINDINGS_MAX = 100  # told of one file: who has more restores it from a backup
JOURNAL_EMPTIED_AGAIN_S = 1  # after an erasure, while a reader still needs the journal
POSTGRES_READERS_MAX = 4  # connections for reads of one server, each with a thread
POSTGRES_PREPARED_ITEMS = 256  # statements: a few dozen, and seven sizes of those for many rows
POSTGRES_CONNECT_S = 3  # a database that does not accept in this time is away
POSTGRES_RECONNECT_S = 0.25  # between two tries: callers in between are told at once
POSTGRES_POLL_S = 1  # how late another server's writes are seen, should a notification be lost
POSTGRES_SILENT_S = 5  # no word of the database for this long: live answers end, others are told
POSTGRES_SILENT_MS = 5_000  # the same for what the network does not confirm
POSTGRES_IDLE_MS = 5_000  # a server that hangs in its transaction loses it: others wait for it
POSTGRES_LOCK_MS = 8_000  # longer than that, so that who waits for a hanging one gets its turn
VERIFY_STEP_ROWS = 5_000  # checked between two words of progress: about 20 ms

# --- The latency log ----------------------------------------------------------------------------
LOG_BUFFER_ENTRIES_MAX = 200_000  # seconds at full speed, 25 MB; beyond it they are counted only
LOG_BATCH_ENTRIES_MAX = 10_000  # written in one transaction, about 5 ms, and read as one block
LOG_BLOCK_ENTRIES_MIN = 200  # what a block takes to write, as rows of their own they take as well
LOG_STEP_ENTRIES = 1_000  # made columns at a time, 0.5 ms: requests get their turn in between
LOG_ERROR_NAMES_MAX = 1_000  # classes of exceptions: code has fewer; beyond it they are others
LOG_PART_NAMES_MAX = 64  # each is a column of a block; beyond it parts are added up as "other"
LOG_RETRY_S = 1  # how soon a Log DB that failed is tried again
LOG_WRITE_MS = 5_000  # what a statement may take in PostgreSQL before the batch is tried again
LOG_CLOSE_S = 3  # what the end of a process waits for a Log DB that is slow, twice at most
LOG_DROPS_TOLD_INTERVAL_S = 60  # how often the program's own log tells of dropped entries
LOG_FLUSH_INTERVAL_S = 0.15  # visible in /logs within 300 ms
LOG_KEPT_S = 30 * 86_400  # entries older than this are dropped
LOG_KEPT_ENTRIES_MAX = 50_000_000  # a GB of blocks; rows reach the bytes below far earlier
LOG_KEPT_ENTRIES_MIN = 100_000  # 20 MB: what people look through, however large histograms are
LOG_KEPT_BYTES_MAX = 1_073_741_824  # what a small branch's disk spares; beyond it the oldest goes
LOG_HOURS_KEPT_S = 400 * 86_400  # a month beside the same month of last year, by the hour
LOG_DAYS_KEPT_S = 5 * 366 * 86_400  # years beside each other; 20 series are 20 MB
LOG_ROW_BYTES = 200  # about what an entry of its own takes in PostgreSQL, with its two indexes
LOG_CELL_BYTES = 300  # about what a histogram takes there; both only guide retention by size
LOG_WALK_BLOCKS = 4  # fetched from PostgreSQL at a time, 400 kB: a page needs one or two
LOG_PRUNE_INTERVAL_S = 5  # how soon what is beyond retention begins to go, a step per flush
LOG_SERIES_MAX = 2_000  # facade, method and route; beyond it a host names routes by its ids
LOG_SCAN_ENTRIES = 200_000  # summed up at a time where histograms can't answer: about 20 MB
LOG_SCAN_UNITS = 240  # minutes, hours or days whose histograms are merged at a time: a few MB
LOG_TIME_BUCKETS_DEFAULT_MAX = 120  # what a chart can show side by side
LOG_TIME_BUCKETS_MAX = 2_000  # a day by the minute; each answers with about 200 bytes
LOG_HEATMAP_COLUMNS_MAX = 500  # half a screen's pixels; with 8 rows an octave 80,000 cells, 200 kB
LOG_COMPARE_S = 3_600  # the window that is compared when none is named: what happened just now
LOG_COMPARE_HALF_REQUESTS = 100  # with so many a slowdown counts half: p99 means little with fewer
LOG_TAIL_INTERVAL_S = 0.1  # how often a live tail looks: with the flush, entries show in 300 ms
LOG_TAIL_ENTRIES_MAX = 10_000  # kept for followers, 5 MB: seconds of full speed
LOG_TAIL_LINGER_S = 30  # a follower that comes back within this goes on where it was
LOG_READERS_MAX = 4  # threads that read the log; a slow scan leaves three for the rest
LOG_QUESTIONS_ITEMS_MAX = 64  # read or waiting for a thread; beyond it callers get 503
LOOP_LAG_INTERVAL_S = 0.1  # a pause of a tenth of a second is seen for sure; costs 0.1 % of a core
LOOP_LAG_KEPT_S = 300  # what an operator who looks now wants to know of
OTLP_INTERVAL_S = 60  # OpenTelemetry's own, where OTEL_METRIC_EXPORT_INTERVAL says nothing
OTLP_LAST_EXPORT_S = 2  # what the end of a process waits for a receiver

# --- Torture --------------------------------------------------------------------------------------
TORTURE_START_S = 60  # a process that can't serve by then never will, on a busy machine, too
TORTURE_ANSWER_S = 12  # what people wait; less than a facade may take, so that some ask twice
TORTURE_CONVERGE_S = 90  # healed facades are in step within seconds; this is for slow machines
TORTURE_DISK_BYTES = 50_331_648  # a tmpfs per database: many times what a run writes
