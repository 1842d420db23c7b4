import type { CSSProperties } from "react";
import { cn } from "@/components/cn";
import type { Client } from "@/core/api/types";
import { initials } from "@/core/text";

/** The client's initials in a colour of its own: a face to find again in a list. */
export function Badge({ client, large }: { client: Client; large?: boolean }) {
  return (
    <span
      aria-hidden
      className={cn(
        "badge-hue grid shrink-0 place-content-center rounded-full font-semibold",
        large ? "size-11 text-base" : "size-7 text-[0.6875rem]",
      )}
      style={{ "--hue": hue(client.id) } as CSSProperties}
    >
      {initials(client.name)}
    </span>
  );
}

const HUES = 12;

/** From the random end of the id; its beginning is the time. */
function hue(id: string): number {
  return (Number.parseInt(id.slice(-4), 16) % HUES) * (360 / HUES) || 0;
}
