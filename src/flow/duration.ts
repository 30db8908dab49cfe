// Lengths of time as authors write them: 30m, 24h, 7d.
const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export const DURATION = /^([1-9]\d{0,4})([smhdw])$/;

/** Milliseconds; nothing when it is none. */
export function duration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
