// Calendar days as ISO strings, by UTC arithmetic, so that the machine's time zone cannot move a day.

const MS = 86_400_000;

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * MS).toISOString().slice(0, 10);
}

/** Sunday is 0. */
export const weekdayOf = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();

/** The ISO day, or nothing for a 31st of February. */
export function dayOf(year: number, month: number, date: number): string | undefined {
  const instant = new Date(Date.UTC(year, month - 1, date));
  const real =
    year >= 1900 && year <= 9999 && instant.getUTCMonth() === month - 1 && instant.getUTCDate() === date;
  return real ? instant.toISOString().slice(0, 10) : undefined;
}
