import { useSyncExternalStore } from "react";
import { everySecond } from "@/core/clock";
import { formatAge } from "@/core/format/age";
import { useTranslation } from "@/i18n";

interface AgeProps {
  /** The moment, in milliseconds since 1970. */
  since: number;
  text: (age: string) => string;
}

/** How long ago something was. It counts up by itself, and only when its text changes. */
export function Age({ since, text }: AgeProps) {
  const { formats } = useTranslation();
  const read = () => text(formatAge(Date.now() - since, formats.number));
  const shown = useSyncExternalStore(everySecond, read);
  return <time dateTime={new Date(since).toISOString()}>{shown}</time>;
}

interface CountdownProps {
  until: number;
  text: (left: string) => string;
}

/** How long until something; nothing once it is over. */
export function Countdown({ until, text }: CountdownProps) {
  const { formats } = useTranslation();
  const read = () => {
    const left = until - Date.now();
    return left > 0 ? text(formatAge(left + 999, formats.number)) : null;
  };
  return useSyncExternalStore(everySecond, read);
}
