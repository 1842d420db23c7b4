import { clients } from "./clients";
import { general } from "./general";
import { latency } from "./latency";
import { overview } from "./overview";
import { sync } from "./sync";
import { transfer } from "./transfer";

/** Brazilian Portuguese: the dictionary whose type all others must have. */
export const pt = { ...general, ...clients, ...sync, ...latency, ...overview, ...transfer };

export type Dictionary = typeof pt;
