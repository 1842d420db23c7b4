import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useVisible } from "@/components/hooks";
import type { LogEntry } from "@/core/api/types";
import { isTraffic } from "@/core/latency/entries";
import { TailBuffer } from "@/core/latency/tail";
import type { View } from "@/core/latency/view";
import { refreshMs } from "@/core/latency/window";
import { follow } from "@/core/live/follow";
import { LIVE_KEY } from "./useLatency";

const SETTLE_MS = 500; // what was being written when the tail began is readable by then
const IDLE_ROUNDS = 6; // without traffic the window moves on that much more seldom

export type Live = ReturnType<typeof useLive>;

/**
 * The tail of the log, and the page's figures in step with it: they are read again when there was
 * traffic, and seldom otherwise. A fixed window, and a page that nobody sees, follow nothing.
 */
export function useLive({ range, zoom }: Pick<View, "range" | "zoom">) {
  const cache = useQueryClient();
  const [buffer] = useState(() => new TailBuffer());
  const state = useSyncExternalStore(buffer.subscribe, buffer.get);
  const [connected, setConnected] = useState(false);
  const traffic = useRef(false);
  const follows = useVisible() && zoom === null;
  const refresh = useCallback(
    () => cache.invalidateQueries({ queryKey: LIVE_KEY }, { cancelRefetch: false }),
    [cache],
  );

  useEffect(() => {
    if (!follows) return;
    let timer: ReturnType<typeof setTimeout>;
    const settle = () => {
      clearTimeout(timer);
      timer = setTimeout(() => !buffer.get().paused && refresh(), SETTLE_MS);
    };
    const stop = follow<LogEntry>("/logs/tail", {
      onStart: () => buffer.restart(),
      onMessages: (entries) => {
        buffer.add(entries);
        traffic.current ||= entries.some(isTraffic);
      },
      onStatus: (status) => {
        setConnected(status === "live");
        if (status === "live") settle();
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [follows, buffer, refresh]);

  useEffect(() => {
    if (!follows || state.paused) return;
    let rounds = 0;
    const timer = setInterval(() => {
      rounds += 1;
      if (!traffic.current && rounds < IDLE_ROUNDS) return;
      rounds = 0;
      traffic.current = false;
      refresh();
    }, refreshMs(range));
    return () => clearInterval(timer);
  }, [follows, state.paused, range, refresh]);

  const resume = useCallback(() => {
    buffer.resume();
    refresh();
  }, [buffer, refresh]);
  return { ...state, connected, fixed: zoom !== null, pause: buffer.pause, resume };
}
