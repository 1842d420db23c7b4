import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { connectFeed } from "@/core/live/clientCache";

const HIDDEN_MS_MAX = 10_000; // a glance at another tab keeps the line

/** Follows the feed while the page can be seen: a hidden tab gives its connection to the others. */
export function useLiveFeed(): void {
  const cache = useQueryClient();
  useEffect(() => {
    const feed = connectFeed(cache);
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => feed.pause(), HIDDEN_MS_MAX);
      else feed.resume();
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(timer);
      feed.pause();
    };
  }, [cache]);
}
