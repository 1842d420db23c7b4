import type { Dictionary } from "../pt";
import { clients } from "./clients";
import { general } from "./general";
import { latency } from "./latency";
import { overview } from "./overview";
import { sync } from "./sync";
import { transfer } from "./transfer";

export const en: Dictionary = {
  ...general,
  ...clients,
  ...sync,
  ...latency,
  ...overview,
  ...transfer,
};
