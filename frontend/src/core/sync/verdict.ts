import { readReceipt } from "../api/sync";
import type { Receipt } from "../api/types";

const ASK_AGAIN_MS = 150; // a server that is there decides within a few of these
const PATIENCE_MS = 2_500; // longer means that it is away: the write is kept and goes by itself

const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What the server says to a write that was handed in; `pending` when it does not say so soon. */
export async function verdictOn(
  write_id: string,
  { patienceMs = PATIENCE_MS, read = readReceipt, pause = rest } = {},
): Promise<Receipt> {
  for (let waited = 0; ; waited += ASK_AGAIN_MS) {
    const receipt = await read(write_id);
    if (receipt.outcome !== "pending" || waited >= patienceMs) return receipt;
    await pause(ASK_AGAIN_MS);
  }
}
