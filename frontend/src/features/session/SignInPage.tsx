import { LogIn } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Button } from "@/components/Button";
import { Field, Input } from "@/components/Field";
import { signIn } from "@/core/access";
import { HttpProblem } from "@/core/api/http";
import { type Dictionary, useTranslation } from "@/i18n";
import { problemMessage } from "@/i18n/errors";

/** What stands in the place of every page until somebody has signed in; the address stays. */
export default function SignInPage({ logo, settings }: { logo: ReactNode; settings: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t.session.title} · Clientela`;
  }, [t]);
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex justify-end p-2">{settings}</header>
      <main className="grid flex-1 place-items-center px-4 pb-24">
        <div className="w-full max-w-sm rounded-xl border bg-surface p-6 sm:p-8">
          {logo}
          <h1 className="mt-4 font-semibold text-xl tracking-tight">{t.session.title}</h1>
          <p className="mt-1 mb-5 text-ink-soft">{t.session.text}</p>
          <SignInForm />
        </div>
      </main>
    </div>
  );
}

function SignInForm() {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem("token") as HTMLInputElement;
    setBusy(true);
    setFailure(null);
    try {
      await signIn(field.value.trim());
    } catch (error) {
      setFailure(error);
      setBusy(false);
      field.select();
    }
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t.session.token} error={failure !== null && messageOf(failure, t)}>
        {(ids) => (
          // A password to the browser, so that whoever keeps passwords can keep it.
          <Input
            {...ids}
            name="token"
            type="password"
            autoComplete="current-password"
            autoFocus
            required
          />
        )}
      </Field>
      <span role="status" className="sr-only">
        {failure !== null && messageOf(failure, t)}
      </span>
      <Button type="submit" look="primary" busy={busy} disabled={busy} className="h-10">
        {!busy && <LogIn aria-hidden />}
        {t.session.signIn}
      </Button>
    </form>
  );
}

function messageOf(failure: unknown, t: Dictionary): string {
  if (!(failure instanceof HttpProblem)) return problemMessage(failure, t);
  const { status, problem } = failure;
  if (status === 401) return t.session.wrong;
  if (status === 429) return t.session.tooMany;
  return status === 403 ? t.session.noPerson : (problem.detail ?? t.app.failed);
}
