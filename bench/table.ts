// Tables for a terminal: figures to the right, words to the left.

export function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return ['', title, rule, line(head), rule, ...rows.map(line), rule].join('\n');
}

export const figure = (value: number, digits = 2): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 100 ? 0 : digits);
export const whole = (value: number): string => figure(value, 0);

/** "reached", or how far from it. */
export const against = (value: number, goal: number): string =>
  value <= goal ? 'reached' : `${(value / goal).toFixed(2)} × of goal`;
