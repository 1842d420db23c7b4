import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Client } from "@/core/api/types";

/**
 * Keeps what is being read in its place when clients arrive above it, and counts those. At the very
 * top nothing is held: there one sees them arrive.
 */
export function useAnchoredTop(
  scroller: RefObject<HTMLElement | null>,
  clients: Client[],
  rowPx: number,
) {
  const [count, setCount] = useState(0);
  const top = useRef(clients[0]?.id);
  useLayoutEffect(() => {
    const was = top.current;
    top.current = clients[0]?.id;
    const element = scroller.current;
    if (!element || element.scrollTop < rowPx || was === top.current) return;
    const added = clients.findIndex(({ id }) => id === was);
    if (added <= 0) return;
    element.scrollTop += added * rowPx;
    setCount((before) => before + added);
  }, [clients, rowPx, scroller]);
  useEffect(() => {
    const element = scroller.current;
    const scrolled = () => {
      if (element && element.scrollTop < rowPx) setCount(0);
    };
    element?.addEventListener("scroll", scrolled, { passive: true });
    return () => element?.removeEventListener("scroll", scrolled);
  }, [scroller, rowPx]);
  return { count, clear: () => setCount(0) };
}
