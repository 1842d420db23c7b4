import { useTranslation } from "@/i18n";

const DAY_MS = 86_400_000;

/** When something happened, as one would say it: today at 14:32, yesterday, a date. */
export function useMoment(): (date: Date) => string {
  const { t, formats } = useTranslation();
  return (date) => {
    const now = new Date();
    if (isSameDay(date, now)) return `${t.clients.today} ${formats.timeShort(date)}`;
    if (isSameDay(date, new Date(now.getTime() - DAY_MS))) return t.clients.yesterday;
    return formats.date(date);
  };
}

function isSameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}
