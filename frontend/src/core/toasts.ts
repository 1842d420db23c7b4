import { createStore } from "./store";

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  /** `bad` stays until it is dismissed: something did not happen that was shown as done. */
  tone: "good" | "bad";
  shown_ms: number | null;
  action?: ToastAction;
  /** Shows the time that is left; it stands still while the toast is pointed at or has the focus. */
  onHold?: (held: boolean) => void;
}

const SHOWN_MS = 5_000;
const SHOWN_MAX = 4; // more would cover the page; the oldest that is mere news goes first

export const toasts = createStore<Toast[]>([]);
let lastId = 0;

/** Tells that something succeeded, or what became of it later; gives its id. */
export function toast(text: string, options: Partial<Omit<Toast, "id" | "text">> = {}): number {
  const tone = options.tone ?? "good";
  const id = ++lastId;
  const shown_ms = tone === "bad" ? null : SHOWN_MS;
  toasts.set(bounded([...toasts.get(), { id, text, tone, shown_ms, ...options }]));
  return id;
}

export function dismissToast(id: number): void {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}

function bounded(all: Toast[]): Toast[] {
  const news = all.filter(({ action }) => !action);
  const over = Math.min(Math.max(all.length - SHOWN_MAX, 0), news.length);
  const dropped = new Set(news.slice(0, over));
  return all.filter((one) => !dropped.has(one));
}
