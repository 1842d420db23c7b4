/** What the list of clients shows, and in which order: it is all in the address. */
export interface ClientsView {
  q: string;
  sort: "id" | "name";
  order: "asc" | "desc";
  /** Only clients with such a write. */
  sync: "pending" | "refused" | null;
}

/** The newest first. */
export const EVERYONE: ClientsView = { q: "", sort: "id", order: "desc", sync: null };

/** Reads a view from an address; what is not understood counts as not said. */
export function viewOf(search: string): ClientsView {
  const said = new URLSearchParams(search);
  const sort = said.get("sort") === "name" ? "name" : "id";
  const order = said.get("order");
  const sync = said.get("sync");
  return {
    q: said.get("q") ?? "",
    sort,
    order: order === "asc" || order === "desc" ? order : firstOrder(sort),
    sync: sync === "pending" || sync === "refused" ? sync : null,
  };
}

/** Names are read from A to Z, clients from the newest on. */
export function firstOrder(sort: ClientsView["sort"]): ClientsView["order"] {
  return sort === "name" ? "asc" : "desc";
}

/** Writes a view as the query of an address, with its question mark; everyone is empty. */
export function searchOf({ q, sort, order, sync }: ClientsView): string {
  const said = new URLSearchParams();
  if (q) said.set("q", q);
  if (sort !== EVERYONE.sort) said.set("sort", sort);
  if (order !== firstOrder(sort)) said.set("order", order);
  if (sync) said.set("sync", sync);
  return said.size > 0 ? `?${said}` : "";
}
