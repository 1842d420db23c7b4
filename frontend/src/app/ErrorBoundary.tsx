import { Bug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { useTranslation } from "@/i18n";

/** A fault of ours must not leave a white page behind. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useTranslation();
  return (
    <EmptyState page icon={Bug} title={t.app.failed}>
      <Button onClick={() => location.reload()}>{t.app.reload}</Button>
    </EmptyState>
  );
}
