// A register of clients on Fastify and better-sqlite3: node fastify.js PORT DATABASE SEED
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import Fastify from "fastify";

const [port, file, seed] = process.argv.slice(2);
const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("cache_size = -65536");
db.exec(`
  CREATE TABLE clients (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT, phone TEXT, document TEXT, notes TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX clients_document ON clients (document);
  CREATE TABLE changes (
    version INTEGER PRIMARY KEY, client TEXT NOT NULL, operation TEXT NOT NULL, value TEXT NOT NULL
  );
`);

const text = { type: "string" };
const optional = { type: ["string", "null"] };
const fields = { name: text, email: optional, phone: optional, document: optional, notes: optional };
const client = {
  type: "object",
  properties: {
    id: text, ...fields, created_at: text, updated_at: text, version: { type: "integer" },
  },
};
const toInsert = {
  type: "object", required: ["id", "name"], additionalProperties: false,
  properties: { id: text, ...fields },
};
const toChange = { type: "object", additionalProperties: false, properties: fields };

const one = db.prepare("SELECT * FROM clients WHERE id = ?");
const page = db.prepare("SELECT * FROM clients WHERE id > ? ORDER BY id LIMIT ?");
const insertClient = db.prepare(`
  INSERT INTO clients
  VALUES (@id, @name, @email, @phone, @document, @notes, @created_at, @updated_at, @version)
`);
const updateClient = db.prepare(`
  UPDATE clients SET name = @name, email = @email, phone = @phone, document = @document,
    notes = @notes, updated_at = @updated_at, version = @version WHERE id = @id
`);
const insertChange = db.prepare("INSERT INTO changes VALUES (?, ?, ?, ?)");
let version = 0;

function store(row, statement, operation) {
  row.version = ++version;
  statement.run(row);
  insertChange.run(version, row.id, operation, JSON.stringify(row));
  return row;
}

const absent = { email: null, phone: null, document: null, notes: null };
function insertOne(sent) {
  const now = new Date().toISOString();
  return store({ ...absent, ...sent, created_at: now, updated_at: now }, insertClient, "insert");
}

const insert = db.transaction(insertOne);
const insertMany = db.transaction((all) => all.map(insertOne));
const change = db.transaction((id, sent) => {
  const row = one.get(id);
  if (!row) return undefined;
  return store({ ...row, ...sent, updated_at: new Date().toISOString() }, updateClient, "update");
});

insertMany(readFileSync(seed, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line)));

const app = Fastify({ logger: false, bodyLimit: 32 << 20 });
app.get("/clients/:id", { schema: { response: { 200: client } } }, (request, reply) => {
  reply.send(one.get(request.params.id) ?? (reply.code(404), { error: "not found" }));
});
app.get("/clients", {
  schema: {
    querystring: { type: "object", properties: { limit: { type: "integer" }, after: text } },
    response: { 200: { type: "array", items: client } },
  },
}, (request, reply) => {
  reply.send(page.all(request.query.after ?? "", request.query.limit ?? 1000));
});
app.post("/clients", { schema: { body: toInsert } }, (request, reply) => {
  const row = insert(request.body);
  reply.code(201).header("location", `/clients/${row.id}`).send();
});
app.post("/clients/bulk", {
  schema: { body: { type: "array", items: toInsert } },
}, (request, reply) => {
  reply.send(insertMany(request.body).map((row) => ({ id: row.id, version: row.version })));
});
app.patch("/clients/:id", {
  schema: { body: toChange, response: { 200: client } },
}, (request, reply) => {
  const row = change(request.params.id, request.body);
  reply.send(row ?? (reply.code(404), { error: "not found" }));
});
await app.listen({ host: "127.0.0.1", port: Number(port), backlog: 2048 });
process.on("SIGTERM", () => process.exit(0));
