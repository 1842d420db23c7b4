import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TranslationProvider } from "@/i18n";
import { Age, Countdown } from "./Age";

const NOW = Date.parse("2026-07-01T12:00:00Z");

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const show = (children: React.ReactNode) => {
  const rendered = vi.fn();
  const Around = () => {
    rendered();
    return children;
  };
  const { container } = render(<Around />, { wrapper: TranslationProvider });
  return { text: () => container.textContent, rendered };
};
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));

it("an age counts up by itself, and nothing around it is rendered again", () => {
  const { text, rendered } = show(<Age since={NOW - 58_000} text={(age) => `${age} ago`} />);
  expect(text()).toBe("58 sec ago");

  pass(1_000);
  expect(text()).toBe("59 sec ago");
  pass(1_000);

  expect(text()).toBe("1 min ago");
  expect(rendered).toHaveBeenCalledTimes(1);
  expect(screen.getByRole("time")).toHaveAttribute("datetime", "2026-07-01T11:59:02.000Z");
});

it("a countdown is silent once it is over", () => {
  const { text } = show(<Countdown until={NOW + 1_500} text={(left) => `in ${left}`} />);
  expect(text()).toBe("in 2 sec");

  pass(2_000);

  expect(text()).toBe("");
});
