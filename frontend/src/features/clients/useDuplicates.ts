import { useQueries } from "@tanstack/react-query";
import { useDebounced } from "@/components/hooks";
import { readPage } from "@/core/api/clients";
import { EVERYONE } from "@/core/clientsView";
import { type Candidate, candidates, numbersOf, type Searched } from "@/core/duplicates";

const SETTLED_MS = 300;
const FRESH_MS = 10_000;

/** The clients that may be the one that is being typed, looked up while one types. */
export function useDuplicates(typed: Searched, self: string | null): Candidate[] {
  const numbers = useDebounced(numbersOf(typed).join(" "), SETTLED_MS).split(" ").filter(Boolean);
  const found = useQueries({
    queries: numbers.map((number) => ({
      queryKey: ["duplicates", number],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        readPage({ ...EVERYONE, q: number }, 0, signal),
      staleTime: FRESH_MS,
      retry: false, // a warning that can't be given must not hold anybody up
    })),
  });
  return candidates(
    typed,
    found.flatMap(({ data }) => data?.clients ?? []),
    self,
  );
}
