import { lazily } from "@/components/lazily";

/** What the list can do without at first: fetched when it is wanted, or when nothing else is. */
export const Panel = lazily(async () => (await import("./Panel")).Panel);
export const NewClientForm = lazily(async () => (await import("./NewClientForm")).NewClientForm);
export const EditClient = lazily(async () => (await import("./EditClient")).EditClient);
export const MergeDialog = lazily(async () => (await import("./MergeDialog")).MergeDialog);
export const ClientHistory = lazily(async () => (await import("./ClientHistory")).ClientHistory);
