/** Moves the focus to the list's current row; tells whether there is one. */
export function focusList(): boolean {
  const row = document.querySelector<HTMLElement>('[data-testid="client-list"] a[tabindex="0"]');
  row?.focus();
  return row !== null;
}
