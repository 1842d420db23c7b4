import { useTranslation } from "@/i18n";

/** Stands where a form is about to be. */
export function FormSkeleton() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t.app.loading} className="grid gap-4 px-5 py-4">
      {[0, 1, 2].map((i) => (
        <span key={i} className="h-14 rounded-lg bg-sunken" />
      ))}
    </div>
  );
}
