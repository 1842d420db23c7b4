import { clients } from "./clients";
import { general } from "./general";
import { latency } from "./latency";
import { sync } from "./sync";

/** Brazilian Portuguese: the dictionary whose type all others must have. */
export const pt = { ...general, ...clients, ...sync, ...latency };

export type Dictionary = typeof pt;
