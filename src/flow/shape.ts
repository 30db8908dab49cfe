// Turns what zod says of a mapping's form into faults an author understands, each with its remedy.
import type { z } from 'zod';
import { DURATION } from './duration.ts';
import { meant } from './nearest.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

export interface ShapeFault {
  readonly path: Path;
  /** The key itself is wrong, not its value. */
  readonly key: boolean;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export function shapeFaults(issues: readonly Issue[], fields: readonly string[]): readonly ShapeFault[] {
  return issues.flatMap((issue) => faultsOf(issue, [], fields));
}

function faultsOf(issue: Issue, above: Path, fields: readonly string[]): readonly ShapeFault[] {
  const path = [...above, ...issue.path.filter((part) => typeof part !== 'symbol')];
  const name = path.at(-1) ?? '';
  const one = (code: string, message: string, remedy: string, key = false): readonly ShapeFault[] => [
    { path, key, code, message, remedy },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        key: true,
        code: 'unknown_key',
        message: `There is no "${key}" here.`,
        remedy: path.length === 0 ? meant(key, fields) : 'Remove it, or correct its name.',
      }));
    case 'invalid_type': {
      if (issue.input === undefined) {
        return one(
          'missing_key',
          `"${name}" is missing.`,
          `Add "${name}: …" (${said(issue.expected)}).`,
          true,
        );
      }
      const message = `"${name}" must be ${said(issue.expected)}, not ${kindOf(issue.input)}.`;
      const remedy =
        issue.expected === 'string' && typeof issue.input !== 'object'
          ? `Put it in quotes: "${String(issue.input)}".`
          : `Write ${said(issue.expected)}.`;
      return one('bad_value', message, remedy);
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (issue.input === undefined) {
        return one('missing_key', `"${name}" is missing.`, `Add "${name}: ${values.join(' | ')}".`, true);
      }
      const message = `"${name}" cannot be ${shown(issue.input)}.`;
      return one(
        'bad_value',
        message,
        typeof issue.input === 'string' ? meant(issue.input, values) : `Write ${values.join(' or ')}.`,
      );
    }
    case 'invalid_key':
      return one('bad_id', `"${name}" cannot be a name here.`, idRemedy(path), true);
    case 'invalid_union': {
      if (issue.input === undefined) {
        return one('missing_key', `"${name}" is missing.`, `Add "${name}: …".`, true);
      }
      const branches = issue.errors.map((errors) => errors.flatMap((inner) => faultsOf(inner, path, [])));
      return (
        closest(branches, path) ?? one('bad_value', `"${name}" is not understood.`, 'See the form in README.')
      );
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      const empty = issue.origin === 'string' && issue.code === 'too_small';
      const what = issue.origin === 'array' ? 'values' : issue.origin === 'string' ? 'characters' : '';
      if (empty) return one('bad_value', `"${name}" is empty.`, 'Write something, or remove the line.');
      return one(
        'bad_value',
        `"${name}" must have ${bound} ${what}`.trimEnd().concat('.'),
        `Write ${bound}.`,
      );
    }
    case 'invalid_format':
      if (issue.format === 'url') {
        return one(
          'bad_value',
          `"${name}" is no web address.`,
          'Write a whole address that begins with https://.',
        );
      }
      if (issue.pattern === String(DURATION)) {
        const message = `${shown(issue.input)} is no length of time.`;
        return one('bad_value', message, 'Write a number and s, m, h, d or w: 30m, 24h, 7d.');
      }
      return one('bad_id', `${shown(issue.input)} cannot be a name here.`, idRemedy(path));
    default:
      return one('bad_value', `"${name}" is not understood: ${issue.message}.`, 'See the form in README.');
  }
}

/** Of the forms a value can have, the one it failed deepest inside is the one that was meant. */
function closest(
  branches: readonly (readonly ShapeFault[])[],
  path: Path,
): readonly ShapeFault[] | undefined {
  const depth = (faults: readonly ShapeFault[]): number => {
    const missing = faults.filter((fault) => fault.code === 'missing_key').length;
    const inside = faults.length > 0 && faults.every((fault) => fault.path.length > path.length) ? 100 : 0;
    return inside - missing * 10 - faults.length;
  };
  return [...branches].sort((a, b) => depth(b) - depth(a))[0];
}

function idRemedy(path: Path): string {
  return path.includes('options')
    ? 'Use small Latin letters, digits and _; 24 characters at most.'
    : 'Use small Latin letters, digits and _, a letter first; 32 characters at most.';
}

function said(expected: string): string {
  switch (expected) {
    case 'string':
      return 'a text';
    case 'record':
    case 'object':
      return 'a mapping of "key: value"';
    case 'array':
      return 'a list [a, b]';
    case 'boolean':
      return 'true or false';
    case 'int':
      return 'a whole number';
    default:
      return `a ${expected}`;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : shown(value);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 60)}"`;
  if (value === null) return 'empty';
  return typeof value === 'object' ? kindOf(value) : String(value);
}
