import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import { discardLost, readLost } from "@/core/api/sync";
import type { LostChange } from "@/core/api/types";
import { useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";
import { ConfirmedAct } from "./Confirmations";
import { LostCard } from "./LostCard";
import { OutboxGroup } from "./OutboxGroup";

/** The changes that a restored register has no more, and that this branch has kept. */
export function LostChanges({ total }: { total: number }) {
  const { t } = useTranslation();
  const [leaving, setLeaving] = useState<LostChange | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["lost", total], // the count is pushed: when it changes, so has the list
    queryFn: ({ signal }) => readLost(signal),
    enabled: total > 0,
    placeholderData: (before) => before,
  });
  if (total === 0) return null;
  return (
    <OutboxGroup
      title={t.outbox.lostTitle}
      text={t.outbox.lostText}
      total={total}
      shown={data?.length ?? total}
    >
      {error && !data && (
        <li>
          <Notice
            tone="bad"
            title={t.outbox.lostFailed}
            actions={
              <Button size="small" onClick={() => refetch()}>
                {t.app.retry}
              </Button>
            }
          >
            {problemMessage(error, t)}
          </Notice>
        </li>
      )}
      {data?.map((change) => (
        <LostCard
          key={change.headers.write_id}
          change={change}
          onLetGo={() => setLeaving(change)}
        />
      ))}
      {leaving && (
        <ConfirmedAct
          title={t.outbox.letGoTitle}
          text={t.outbox.letGoText}
          confirm={t.outbox.letGo}
          action={() => discardLost(leaving.headers.write_id)}
          onClose={() => setLeaving(null)}
        />
      )}
    </OutboxGroup>
  );
}
