import { createStore } from "../store";
import type { LeftRow } from "./importer";
import type { ImportState } from "./state";
import type { Command, Word } from "./worker";

/** Where the page hands in files. It outlives the page: people look at clients meanwhile. */
export interface ImportDesk {
  /** Null until the worker has looked whether an import waits to go on. */
  get: () => ImportState | null;
  subscribe: (listener: () => void) => () => void;
  do: (command: Command) => void;
  /** The rows that did not come into the register. */
  left: () => Promise<LeftRow[]>;
}

export function openDesk(worker: Pick<Worker, "postMessage" | "addEventListener">): ImportDesk {
  const store = createStore<ImportState | null>(null);
  let deliver: (rows: LeftRow[]) => void = () => {};
  worker.addEventListener("message", ({ data }: MessageEvent<Word>) => {
    if ("state" in data) store.set(data.state);
    else deliver(data.left);
  });
  const command = (said: Command) => worker.postMessage(said);
  return {
    get: store.get,
    subscribe: store.subscribe,
    do: command,
    left: () =>
      new Promise((resolve) => {
        deliver = resolve;
        command({ do: "left" });
      }),
  };
}

let desk: ImportDesk | null = null;

export function theDesk(): ImportDesk {
  desk ??= openDesk(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));
  return desk;
}
