// The few signs the console draws, in the current colour.
import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const TicketsIcon = () => (
  <Icon>
    <path d="M4 5h16v11H9l-5 4V5Z" />
    <path d="M8 9h8M8 12h5" />
  </Icon>
);
export const ResponsesIcon = () => (
  <Icon>
    <path d="M5 20V11M12 20V4M19 20v-6" />
  </Icon>
);
export const FlowsIcon = () => (
  <Icon>
    <circle cx="6" cy="6" r="2.5" />
    <circle cx="18" cy="12" r="2.5" />
    <circle cx="6" cy="18" r="2.5" />
    <path d="M8.5 6.5c4 .5 5 2 7 4M8.5 17.5c4-.5 5-2 7-4" />
  </Icon>
);
export const StatusIcon = () => (
  <Icon>
    <path d="M3 12h4l3-7 4 14 3-7h4" />
  </Icon>
);
export const OutIcon = () => (
  <Icon>
    <path d="M14 4H6v16h8M10 12h11m-4-4 4 4-4 4" />
  </Icon>
);
export const ThemeIcon = () => (
  <Icon>
    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="m11 5-7 7 7 7M4 12h16" />
  </Icon>
);
export const AttachIcon = () => (
  <Icon>
    <path d="m20.5 11.5-8.6 8.6a5.5 5.5 0 0 1-7.8-7.8l8.6-8.6a3.7 3.7 0 0 1 5.2 5.2l-8.6 8.5a1.8 1.8 0 0 1-2.6-2.6l7.9-7.8" />
  </Icon>
);
export const LockIcon = () => (
  <Icon>
    <rect x="5" y="11" width="14" height="9" rx="2" />
    <path d="M8 11V8a4 4 0 0 1 8 0v3" />
  </Icon>
);
export const SendIcon = () => (
  <Icon>
    <path d="M4 12 20 4l-5 16-3.5-6.5L4 12Z" />
  </Icon>
);
