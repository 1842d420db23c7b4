import { Feed, type FeedStatus } from "./feed";

export interface Follower<M> {
  /** The feed begins (again) at `offset`: what was read before that must be read again. */
  onStart?: (offset: string) => void;
  onMessages: (messages: M[]) => void;
  onStatus?: (status: FeedStatus) => void;
}

/** Follows the feed at `address` from now on, until the function that it gives is called. */
export function follow<M>(address: string, follower: Follower<M>): () => void {
  const feed = new Feed({
    address,
    onStart: (offset) => follower.onStart?.(offset),
    onMessages: (messages) => follower.onMessages(messages as M[]),
  });
  feed.subscribe(() => follower.onStatus?.(feed.getStatus()));
  feed.resume();
  return () => feed.pause();
}
