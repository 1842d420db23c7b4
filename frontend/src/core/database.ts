/** A browser's own database (IndexedDB): stores of values by key. Every method may reject, for
 * browsers withhold it in private windows, and disks are full. */
export class Database {
  private opened: Promise<IDBDatabase> | null = null;

  constructor(
    private readonly name: string,
    private readonly stores: readonly string[],
  ) {}

  async get<T>(store: string, key: IDBValidKey): Promise<T | undefined> {
    return this.run(store, "readonly", (found) => found.get(key)) as Promise<T | undefined>;
  }

  async put(store: string, key: IDBValidKey, value: unknown): Promise<void> {
    await this.run(store, "readwrite", (found) => found.put(value, key));
  }

  /** All values of a store, in the order of their keys. */
  async all<T>(store: string): Promise<T[]> {
    return this.run(store, "readonly", (found) => found.getAll()) as Promise<T[]>;
  }

  async clear(store: string): Promise<void> {
    await this.run(store, "readwrite", (found) => found.clear());
  }

  private async run(
    store: string,
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest,
  ): Promise<unknown> {
    this.opened ??= this.open();
    const transaction = (await this.opened).transaction(store, mode);
    const request = ask(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => {
        for (const store of this.stores) request.result.createObjectStore(store);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}
