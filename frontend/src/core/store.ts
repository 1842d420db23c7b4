/** One value that outlives the page's components, for useSyncExternalStore. */
export interface Store<T> {
  get: () => T;
  set: (value: T) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What the person chose in this browser; storage may be switched off. */
export const remembered = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(`clientela.${key}`);
    } catch {
      return null;
    }
  },
  set(key: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(`clientela.${key}`);
      else localStorage.setItem(`clientela.${key}`, value);
    } catch {
      // The choice then lasts as long as the page.
    }
  },
};
