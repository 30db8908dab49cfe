// Faults as a person at a terminal reads them: place, sentence, the line with a caret, remedy; the count at the end.
import type { Fault } from '../core/errors.ts';

const WIDTH = 100;
const BEFORE = 60;

export function formatFaults(faults: readonly Fault[], sources: Readonly<Record<string, string>>): string {
  const blocks = faults.map((fault) => block(fault, sources[fault.file]));
  return [...blocks, counted(faults)].join('\n\n');
}

function block(fault: Fault, source: string | undefined): string {
  const node = fault.at === '' ? '' : ` (${fault.at})`;
  const head = `${fault.file}:${fault.line}:${fault.column}: ${fault.severity}: ${fault.message}${node} [${fault.code}]`;
  const line = source
    ?.split('\n', fault.line)
    [fault.line - 1]?.replace(/\p{Cc}/gu, ' ')
    .trimEnd();
  return [
    head,
    ...(line === undefined || line === '' ? [] : excerpt(line, fault)),
    `  → ${fault.remedy}`,
  ].join('\n');
}

/** A long line is shown around the place. */
function excerpt(line: string, { line: number, column }: Fault): readonly string[] {
  const from = column > WIDTH - 10 ? Math.max(0, column - 1 - BEFORE) : 0;
  const shown = `${from > 0 ? '…' : ''}${line.slice(from, from + WIDTH)}${line.length > from + WIDTH ? '…' : ''}`;
  const gutter = `  ${number} | `;
  const caret = Math.min(column - 1, line.length) - from + (from > 0 ? 1 : 0);
  return [gutter + shown, `${' '.repeat(gutter.length + caret)}^`];
}

function counted(faults: readonly Fault[]): string {
  const errors = faults.filter((fault) => fault.severity === 'error').length;
  const warnings = faults.length - errors;
  const files = new Set(faults.map((fault) => fault.file)).size;
  if (faults.length === 0) return 'No faults.';
  const parts = [
    ...(errors > 0 ? [many(errors, 'error')] : []),
    ...(warnings > 0 ? [many(warnings, 'warning')] : []),
  ];
  return `${parts.join(' and ')} in ${many(files, 'file')}.`;
}

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
