// The official suite, against the address that test_conformance.py gives.
import { runConformanceTests } from '@durable-streams/server-conformance-tests';

runConformanceTests({
  baseUrl: process.env.FEED_URL,
  longPollTimeoutMs: Number(process.env.FEED_LONG_POLL_MS),
});
