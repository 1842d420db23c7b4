import { uuid7 } from "../uuid";
import { Feed } from "./feed";
import { type Follower, SharedFeeds, type Surroundings, type Word } from "./shared";

export type { Follower };

const LEADER = "clientela.leader";
const ANNOUNCED_MS = 30_000;

let feeds: SharedFeeds | null = null;

/** Follows the feed at `address` from now on, until the function that it gives is called. */
export function follow<M>(address: string, follower: Follower<M>): () => void {
  feeds ??= connected();
  return feeds.follow(address, follower as Follower<unknown>);
}

/** The feeds of this browser; where tabs can't agree on a leader, each keeps its own lines. */
function connected(): SharedFeeds {
  // Locks are for secure contexts only: a facade that is reached over plain HTTP has none.
  const locks = globalThis.navigator?.locks;
  const channel = locks ? new BroadcastChannel(LEADER) : null;
  const surroundings: Surroundings = {
    tab: uuid7(),
    say: (word) => channel?.postMessage(word),
    claim: async (lead, signal) => {
      if (locks) await locks.request(LEADER, { signal }, lead);
      else await lead();
    },
    newFeed: (options, offset) => new Feed(options, offset),
    now: Date.now,
  };
  const shared = new SharedFeeds(surroundings);
  channel?.addEventListener("message", ({ data }) => shared.hear(data as Word));
  const look = () => shared.show(!document.hidden);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => shared.leave());
  addEventListener("pageshow", look);
  setInterval(() => shared.announce(), ANNOUNCED_MS);
  look();
  return shared;
}
