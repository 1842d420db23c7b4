import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type ClientPage, PAGE_ITEMS } from "@/core/api/clients";
import type { Client } from "@/core/api/types";
import { type ClientsView, searchOf } from "@/core/clientsView";
import { pageQuery } from "@/core/live/clientCache";

/** A view, as soon as it has been read; until then the one before it stays. */
export function useClients(view: ClientsView) {
  const first = useQuery(pageQuery(view, 0));
  const [shown, setShown] = useState(view);
  const isNew = searchOf(shown) !== searchOf(view);
  if (isNew && !first.isPending) setShown(view);
  return { shown, first, isChanging: isNew && first.isPending };
}

/** The rows of a list, by their places. */
export interface ClientRows {
  total: number;
  /** The client at a place; undefined while its page is being read. */
  at: (index: number) => Client | undefined;
  /** Where a client is, among those that have been read. */
  placeOf: (id: string) => number | undefined;
  failed: boolean;
  retry: () => void;
}

/**
 * Reads the pages that hold these places, and that of the first, which is always there. Pages that
 * are read again change all at once, so that no row is seen twice or not at all in between. Clients
 * that are `hidden` take no place.
 */
export function useClientRows(
  view: ClientsView,
  places: number[],
  hidden: ReadonlySet<string>,
): ClientRows {
  const wanted = new Set([0, ...places.map((place) => Math.floor(place / PAGE_ITEMS))]);
  const numbers = [...wanted].sort((a, b) => a - b);
  const results = useQueries({ queries: numbers.map((number) => pageQuery(view, number)) });
  const before = useRef<{ pages: Map<number, ClientPage>; total: number } | null>(null);

  const pages = new Map<number, ClientPage>();
  const held = results.some(({ isRefetching }) => isRefetching) ? before.current : null;
  for (const [i, { data }] of results.entries()) {
    const page = held?.pages.get(numbers[i] as number) ?? data;
    if (page) pages.set(numbers[i] as number, page);
  }
  const newest = [...results].sort((a, b) => b.dataUpdatedAt - a.dataUpdatedAt)[0]?.data;
  const total = held?.total ?? newest?.total ?? 0;
  useEffect(() => {
    before.current = { pages, total };
  });

  const ids = placesOf(pages);
  const skipped = [...hidden].flatMap((id) => ids.get(id) ?? []).sort((a, b) => a - b);
  return {
    total: total - skipped.length,
    at: (index) => {
      const place = skipped.reduce((at, hole) => (hole <= at ? at + 1 : at), index);
      return pages.get(Math.floor(place / PAGE_ITEMS))?.clients[place % PAGE_ITEMS];
    },
    placeOf: (id) => {
      const place = ids.get(id);
      return place === undefined || hidden.has(id)
        ? undefined
        : place - skipped.filter((hole) => hole < place).length;
    },
    failed: results.some(({ isError, data }) => isError && !data),
    retry: () => {
      for (const { isError, refetch } of results) if (isError) void refetch();
    },
  };
}

function placesOf(pages: Map<number, ClientPage>): Map<string, number> {
  const places = new Map<string, number>();
  for (const [number, { clients }] of pages) {
    for (const [i, { id }] of clients.entries()) places.set(id, number * PAGE_ITEMS + i);
  }
  return places;
}
