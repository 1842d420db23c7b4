import { FormSkeleton } from "./FormSkeleton";
import type { PanelProps } from "./Panel";
import { Panel } from "./parts";

/** One client: what is known of it, its history, and the ways to change it. */
export function ClientPanel(props: PanelProps) {
  return <Panel waiting={<FormSkeleton />} {...props} />;
}
