// The README's tables and .env.example are checked against the registries they speak of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../src/channels/index.ts';
import { ALL_SETTINGS } from '../src/config.ts';
import { KINDS } from '../src/flow/nodes/index.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
const readme = read('README.md');
const rows = (start: RegExp): string[] => readme.split('\n').filter((line) => start.test(line));

describe('the README', () => {
  it('has a row for each setting, with its default and meaning, and none besides', () => {
    const wanted = Object.entries(ALL_SETTINGS).map(
      ([name, { about, default: usual }]) => `| \`${name}\` | ${usual ? `\`${usual}\`` : ''} | ${about} |`,
    );
    expect(rows(/^\| `[A-Z][A-Z_]+` \|/)).toEqual(wanted);
  });

  it('has a row for each channel', () => {
    const section = readme.slice(readme.indexOf('## Connect a messenger'), readme.indexOf('**Telegram.**'));
    const named = [...section.matchAll(/^\| (\w+) \| /gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'channel');
    expect(named.sort()).toEqual([...Object.keys(CHANNELS), 'terminal'].sort());
  });

  it('has a row for each node kind', () => {
    const named = new Set(rows(/^\| `\w+: /).map((line) => /^\| `(\w+):/.exec(line)?.[1]));
    expect([...named].sort()).toEqual([...KINDS.keys()].sort());
  });

  it('names each package with its reason', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const section = readme.slice(readme.indexOf('### Packages'));
    const named = [...section.matchAll(/^\| ([@\w/.-]+) \| ./gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'package');
    expect(named).toEqual(Object.keys(dependencies));
  });

  it('names only scripts there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('.env.example holds every setting with its default', () => {
  const lines = read('.env.example')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  expect(lines).toEqual(Object.entries(ALL_SETTINGS).map(([name, { default: usual }]) => `${name}=${usual}`));
});
