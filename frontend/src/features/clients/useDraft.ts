import { useLayoutEffect, useRef, useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { CLIENT_FIELDS, type Client } from "@/core/api/types";
import { drafts } from "@/core/drafts";
import {
  type ClientForm,
  changedFields,
  contentOf,
  EMPTY_FORM,
  toContent,
} from "@/core/rules/client";

const EMPTY_CONTENT = toContent(EMPTY_FORM);

/**
 * Keeps what is typed into a form until it is saved or given up, over a reload too; `loaded` gives
 * what the form began with. Tells whether the form has taken up such a draft.
 */
export function useDraft(
  key: string,
  form: UseFormReturn<ClientForm>,
  loaded: () => Client | null,
) {
  const [recovered, setRecovered] = useState(() => drafts.get(key));
  const latest = useRef(loaded);
  useLayoutEffect(() => {
    latest.current = loaded;
  });
  useLayoutEffect(() => {
    for (const field of recovered ? CLIENT_FIELDS : []) {
      form.setValue(field, recovered?.form[field] ?? "", { shouldDirty: true });
    }
    let before = JSON.stringify(form.getValues());
    return form.subscribe({
      formState: { values: true },
      callback: ({ values }) => {
        const now = JSON.stringify(values);
        if (now !== before) keep(key, values, latest.current()); // it is also called for nothing
        before = now;
      },
    });
  }, [key, form, recovered]);
  return {
    recovered: recovered !== null,
    clear: () => {
      drafts.clear(key);
      setRecovered(null);
    },
  };
}

function keep(key: string, form: ClientForm, loaded: Client | null): void {
  const before = loaded ? contentOf(loaded) : EMPTY_CONTENT;
  if (changedFields(form, before).length > 0) drafts.set(key, { form, loaded });
  else drafts.clear(key);
}
