/** A C that holds someone: the same drawing as public/favicon.svg. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className={className}>
      <rect width="32" height="32" rx="8" fill="#3d52d5" />
      <path
        d="M21.6 20.4a7.2 7.2 0 1 1 0-8.8"
        fill="none"
        stroke="#fff"
        strokeWidth="3.4"
        strokeLinecap="round"
      />
      <circle cx="24" cy="16" r="2.3" fill="#7be0b3" />
    </svg>
  );
}
