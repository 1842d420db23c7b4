import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { lazily } from "@/components/lazily";
import { useAccess } from "@/components/useAccess";
import { ask, isSignedOut } from "@/core/access";
import { Logo } from "./Logo";
import { Settings } from "./Settings";

const SignInPage = lazily(async () => (await import("@/features/session/SignInPage")).default);

/** Shows the pages to whoever may see them, and the way in to everyone else. */
export function Gate({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const signedOut = isSignedOut(useAccess());
  useEffect(() => {
    void ask();
    const look = () => document.hidden || void ask(); // another tab may have signed in, or out
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  useEffect(() => {
    if (signedOut) cache.clear();
  }, [cache, signedOut]);
  if (!signedOut) return children;
  return <SignInPage logo={<Logo className="size-9" />} settings={<Settings />} />;
}
