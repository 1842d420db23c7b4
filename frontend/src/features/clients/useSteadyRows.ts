import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ClientRows } from "./useClients";

/**
 * Keeps what is being read in its place when rows come or go above it, and counts those that came.
 * At the very top nothing is held: there one sees them arrive.
 */
export function useSteadyRows(
  scroller: RefObject<HTMLElement | null>,
  rows: ClientRows,
  rowPx: number,
  onMoved: (by: number) => void,
) {
  const [arrived, setArrived] = useState(0);
  const anchor = useRef<{ id: string; place: number } | null>(null);

  const drop = () => {
    const element = scroller.current;
    const place = element && element.scrollTop >= rowPx ? Math.ceil(element.scrollTop / rowPx) : 0;
    const client = place > 0 ? rows.at(place) : undefined;
    anchor.current = client ? { id: client.id, place } : null;
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    const held = anchor.current;
    const place = held ? rows.placeOf(held.id) : undefined;
    if (element && held && place !== undefined && place !== held.place) {
      const by = place - held.place;
      element.scrollTop += by * rowPx;
      onMoved(by);
      if (by > 0) setArrived((before) => before + by);
    }
    drop();
  });
  const latest = useRef(drop);
  useEffect(() => {
    latest.current = drop;
  });
  useEffect(() => {
    const element = scroller.current;
    const scrolled = () => {
      latest.current();
      if (element && element.scrollTop < rowPx) setArrived(0);
    };
    element?.addEventListener("scroll", scrolled, { passive: true });
    return () => element?.removeEventListener("scroll", scrolled);
  }, [scroller, rowPx]);
  return { arrived, clear: () => setArrived(0) };
}
