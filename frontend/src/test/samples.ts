import type {
  Change,
  Client,
  KnownFacade,
  LostChange,
  SyncReport,
  WaitingWrite,
} from "@/core/api/types";

export function position(version: number): string {
  return `0000000001_${String(version).padStart(20, "0")}`;
}

/** The nth client; the greater n, the newer. */
export function makeClient(n: number, fields: Partial<Client> = {}): Client {
  return {
    id: `0198c5a2-0000-7000-8000-${n.toString(16).padStart(12, "0")}`,
    name: `Client ${n}`,
    email: null,
    phone: null,
    document: null,
    notes: null,
    created_at: "2026-07-01T12:00:00.000000Z",
    updated_at: "2026-07-01T12:00:00.000000Z",
    version: position(n),
    ...fields,
  };
}

export function makeChange(
  operation: Change["headers"]["operation"],
  version: number,
  client: Client,
): Change {
  return {
    type: "client",
    key: client.id,
    ...(operation === "delete" ? {} : { value: { ...client, version: position(version) } }),
    headers: {
      operation,
      version: position(version),
      digest: "0".repeat(32),
      timestamp: "2026-07-01T12:00:00.000000Z",
      write_id: "0198c5a2-0000-7000-8000-ffffffffffff",
      facade: "matriz",
      actor: null,
    },
  };
}

export function syncReport(fields: Partial<SyncReport> = {}): SyncReport {
  return {
    name: "matriz",
    state: "live",
    server: "http://127.0.0.1:8000",
    version: position(7),
    server_version: position(7),
    lag_ms: 3,
    clients: 12_345,
    searchable: true,
    lost: 0,
    erased_writes: 0,
    digest: {
      state: "agreed",
      version: position(7),
      agreed: true,
      rows_repaired: 0,
      at: "2026-07-01T12:00:00Z",
    },
    outbox: { pending: 0, refused: 0, oldest_age_ms: null },
    writes: [],
    last_error: null,
    ...fields,
  };
}

export function makeFacade(fields: Partial<KnownFacade> = {}): KnownFacade {
  return {
    name: "matriz",
    state: "live",
    version: position(7),
    lag_ms: 3,
    behind: 0,
    clients: 12_345,
    digest: {
      state: "agreed",
      version: position(7),
      agreed: true,
      rows_repaired: 0,
      at: "2026-07-01T12:00:00Z",
    },
    outbox: { pending: 0, refused: 0, oldest_age_ms: null },
    lost: 0,
    requests: 300,
    latency_us: { p50: 90, p95: 400, p99: 1_200 },
    release: "0.1.0",
    last_error: null,
    seen_at: "2026-07-01T12:00:00Z",
    seen_age_ms: 900,
    ...fields,
  };
}

/** A write of the first client's notes, pending unless something else is said. */
export function waitingWrite(fields: Partial<WaitingWrite> = {}): WaitingWrite {
  return {
    write_id: "0198c5a2-0000-7000-8000-00000000000a",
    client_id: makeClient(1).id,
    operation: "update",
    outcome: "pending",
    reason: null,
    at: "2026-07-01T12:00:00Z",
    set: { notes: "mine" },
    was: { notes: "old" },
    age_ms: 60_000,
    attempts: 1,
    last_error: null,
    next_retry_at: null,
    ...fields,
  };
}

/** A change of the first client's notes that the register has lost. */
export function lostChange(fields: Partial<LostChange> = {}): LostChange {
  return {
    ...makeChange("update", 9, makeClient(1, { notes: "after" })),
    lost_at: "2026-07-02T12:00:00Z",
    before: makeClient(1, { notes: "before" }),
    ...fields,
  };
}
