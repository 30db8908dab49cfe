// Findings as people read them, and as machines do. The sentences come from the texts; nothing is judged here.
import type { Finding } from '../channels/examine.ts';

export type Say = (key: string, vars?: Readonly<Record<string, string | number>>) => string;

export interface Told extends Finding {
  readonly says: string;
  /** Absent where nothing is to be done. */
  readonly remedy?: string;
}

export function told(finding: Finding, say: Say): Told {
  const { code, level, vars } = finding;
  const says = say(`cli:doctor.${code}.says`, vars);
  return level === 'ok'
    ? { ...finding, says }
    : { ...finding, says, remedy: say(`cli:doctor.${code}.remedy`, vars) };
}

const WIDTH = 11;

export function line({ level, part, says, remedy }: Told, say: Say): string {
  const mark = say(`cli:level.${level}`).padEnd(WIDTH);
  const first = `${mark}${part.padEnd(WIDTH)} ${says}`;
  return remedy === undefined ? first : `${first}\n${' '.repeat(WIDTH * 2 + 1)}→ ${remedy}`;
}
