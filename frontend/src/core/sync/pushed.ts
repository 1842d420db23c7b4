import type { FeedStatus } from "../live/feed";
import { createStore } from "../store";

/** How the feed of states is; while it is live every change arrives by itself. */
export const syncFeed = createStore<FeedStatus>("paused");

export const isPushed = () => syncFeed.get() === "live";
