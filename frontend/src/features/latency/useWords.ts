import { useMemo } from "react";
import { formatLatency } from "@/core/format/latency";
import type { Grid } from "@/core/latency/grid";
import type { Selection } from "@/core/latency/view";
import { secondsOf, type Window } from "@/core/latency/window";
import { useTranslation } from "@/i18n";

const DAY_S = 86_400;

/** How this page says times, latencies and counts. */
export function useWords() {
  const { t, formats } = useTranslation();
  return useMemo(() => {
    const latency = (us: number) => formatLatency(us, formats.number);
    const optional = (us: number | null | undefined) =>
      us === null || us === undefined ? t.fields.none : latency(us);
    /** With the day where a window is so long that the time alone could be of any. */
    const moment = (ms: number, window: Window) => {
      const date = new Date(ms);
      const time = secondsOf(window) > 3_600 ? formats.timeShort(date) : formats.time(date);
      return secondsOf(window) < DAY_S ? time : `${formats.day(date)} ${time}`;
    };
    const span = (window: Window, within = window) =>
      t.latency.span(moment(window.from, within), moment(window.to, within));
    const requests = (count: number) => t.latency.requests(count, formats.number(count));
    /** 8.2–11.6 ms */
    const band = (low: number, high: number) => {
      const [from, to] = [latency(low).split(" "), latency(high).split(" ")];
      return from[1] === to[1]
        ? `${from[0]}–${to.join(" ")}`
        : `${from.join(" ")} – ${to.join(" ")}`;
    };
    const bandOf = ({ edges }: Grid, row: number) => band(edges[row] ?? 0, edges[row + 1] ?? 0);
    const selection = (chosen: Selection, within: Window) =>
      `${span(chosen, within)} · ${band(Math.max(0, chosen.minUs - 1), chosen.maxUs)}`;
    return { latency, optional, moment, span, requests, band, bandOf, selection };
  }, [t, formats]);
}

export type Words = ReturnType<typeof useWords>;
