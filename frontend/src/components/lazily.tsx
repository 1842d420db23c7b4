import {
  type ComponentType,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from "react";
import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import { dismissToast, toast } from "@/components/Toaster";
import { useTranslation } from "@/i18n";

const IDLE_MS = 1_000; // where the browser doesn't tell when it is idle

interface StandIns {
  waiting?: ReactNode;
  /** In its place when it can't be fetched; by itself it says so. */
  failed?: ReactNode;
}

type Lazy<P> = ComponentType<P & StandIns> & {
  fetch: () => Promise<void>;
  /** Fetches it ahead of its use, and leaves it to that to say what went wrong. */
  prefetch: () => void;
};

/**
 * A component that is fetched when it is first shown, or before that by `prefetch`; then it is there
 * in the same frame, which React's own `lazy` never is.
 */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): Lazy<P> {
  let Loaded: ComponentType<P> | null = null;
  const fetch = async () => {
    Loaded ??= await load();
  };

  function Lazily({ waiting = null, failed = <NotFetched />, ...props }: P & StandIns) {
    const [state, setState] = useState<"waiting" | "here" | "failed">("waiting");
    useEffect(() => {
      fetch().then(
        () => setState("here"),
        () => setState("failed"),
      );
    }, []);
    if (Loaded) return <Loaded {...(props as unknown as P)} />;
    return state === "failed" ? failed : waiting;
  }
  return Object.assign(Lazily, { fetch, prefetch: () => void fetch().catch(() => {}) });
}

/** A newer version was installed since, or nobody answers: what is typed survives a reload. */
function NotFetched() {
  const { t } = useTranslation();
  const reload = (
    <Button size="small" onClick={() => location.reload()}>
      {t.app.reload}
    </Button>
  );
  return (
    <Notice urgent tone="warn" className="m-4" title={t.app.notFetched} actions={reload}>
      {t.problems.noAnswer}
    </Notice>
  );
}

/** Fetches what will be wanted soon, once it has `begun` and the page has nothing better to do. */
export function usePrefetch(parts: { prefetch: () => void }[], begun = true): void {
  const wanted = useRef(parts);
  useEffect(() => {
    if (!begun) return;
    const prefetch = () => {
      for (const part of wanted.current) part.prefetch();
    };
    if (!globalThis.requestIdleCallback) {
      const timer = setTimeout(prefetch, IDLE_MS);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(prefetch);
    return () => cancelIdleCallback(idle);
  }, [begun]);
}

/**
 * Whether a menu is open, and the handlers of a button that stands in for its own until it was
 * fetched: a press opens it when it is there, and tries again when it could not be fetched. The press
 * moves no focus: it would come to rest outside the menu, and close it, when that takes the place.
 */
export function useLazyMenu(menu: { fetch: () => Promise<void> }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const told = useRef(0);
  const fail = () => {
    dismissToast(told.current);
    const reload = { label: t.app.reload, run: () => location.reload() };
    told.current = toast(t.app.menuNotFetched, { tone: "bad", action: reload });
  };
  const press = () => void menu.fetch().then(() => setOpen(true), fail);
  const standIn = {
    onClick: press,
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || event.ctrlKey) return;
      event.preventDefault();
      press();
    },
  };
  return { open, setOpen, standIn };
}
