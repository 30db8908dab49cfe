// Does the run see what it is there to see? Faults planted one by one in a copy of the program; each must be found by a
// run of the daily size. By hand: node test/faults/mutants.ts [name …]
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, type Finding } from './check.ts';
import { ROOT, runKills } from './kill.ts';
import type { ChannelName } from './net.ts';

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

interface Mutant {
  readonly name: string;
  /** Where people come from; by Telegram and the chat page unless told. */
  readonly channels?: readonly ChannelName[];
  readonly changes: readonly Change[];
}

const MUTANTS: readonly Mutant[] = [
  { name: 'nothing is planted', changes: [] },
  {
    name: 'web says "taken" before the journal has it',
    changes: [
      {
        file: 'src/web/chat-api.ts',
        from: 'await deps.intake([read.event]);',
        to: 'void deps.intake([read.event]);',
      },
    ],
  },
  {
    name: 'Telegram is told "received" before the journal has it',
    changes: [
      {
        file: 'src/networks/telegram/poll.ts',
        from: 'await options.take(updates);',
        to: 'void options.take(updates).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'neither lock nor version guards a commit',
    changes: [
      {
        file: 'src/store/sessions.ts',
        from: 'await documents.replaceOne({ _id, v }, document)',
        to: 'await documents.replaceOne({ _id }, document)',
      },
      {
        file: 'src/app/locks.ts',
        from: 'const mine = before ? before.then(task, task) : task();',
        to: 'const mine = task();',
      },
    ],
  },
  {
    name: 'an event is marked as applied before its turn is committed',
    changes: [
      {
        file: 'src/app/inbox.ts',
        from: '    const { contact, ticket } = found;\n',
        to: '    const { contact, ticket } = found;\n    applied(rows);\n    await parts.marks.flush();\n',
      },
    ],
  },
  {
    name: 'the journal has no unique index',
    changes: [
      {
        file: 'src/store/schemas.ts',
        from: "{ name: 'event', unique: true }",
        to: "{ name: 'event' }",
      },
    ],
  },
  {
    name: "an operator's word of unknown fate is sent again",
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: "if (effect.kind !== 'say' || effect.repeatable) return true;",
        to: 'if (entry.id) return true;',
      },
    ],
  },
  {
    name: 'an entry leaves the outbox before it is sent',
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: '      await performCall(shell, session, entry);\n      await remove(session.id, entry.id);',
        to: '      await remove(session.id, entry.id);\n      await performCall(shell, session, entry);',
      },
    ],
  },
  {
    name: 'what was decided for the store is left there by a crash',
    changes: [
      {
        file: 'src/app/settle.ts',
        from: 'return session && isUnsettled(session) ? await settle(shell, session) : session;',
        to: 'return session;',
      },
      {
        file: 'src/app/turn.ts',
        from: '    if (isUnsettled(session)) return (await settle(shell, session)) && false;\n    if (rows.every((row) => session.applied.includes(row.id))) return true;\n',
        to: '    if (rows.every((row) => session.applied.includes(row.id))) return true;\n',
      },
    ],
  },
  {
    name: 'two turns are shown the same ticket number',
    changes: [
      {
        file: 'src/app/turn.ts',
        from: '    parts.numbers.take(Math.min(PER_TURN, opened));\n    return decided;',
        to: '    setImmediate(() => parts.numbers.take(Math.min(PER_TURN, opened)));\n    return decided;',
      },
    ],
  },
  {
    name: 'VK is given another random_id with each try',
    channels: ['vk'],
    changes: [
      {
        file: 'src/channels/vk/random-id.ts',
        from: 'return digest.readUInt32BE(0) & 0x7fffffff || 1;',
        to: 'return ((digest.readUInt32BE(0) + Math.random() * 2 ** 31) & 0x7fffffff) || 1;',
      },
    ],
  },
  {
    name: 'MAX is told "received" before the journal has it',
    channels: ['max'],
    changes: [
      {
        file: 'src/channels/max/hook.ts',
        from: 'await options.take(update);',
        to: 'void options.take(update).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'Meta is told "received" before the journal has it',
    channels: ['whatsapp-cloud'],
    changes: [
      {
        file: 'src/channels/whatsapp/cloud/receive.ts',
        from: '    await intake(events);\n',
        to: '    void intake(events).catch(() => undefined);\n',
      },
    ],
  },
];

function plant(mutant: Mutant): string {
  const folder = mkdtempSync(join(tmpdir(), 'otklik-mutant-'));
  for (const name of ['src', 'locales', 'package.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  for (const name of ['node_modules', 'dist']) symlinkSync(join(ROOT, name), join(folder, name));
  for (const { file, from, to } of mutant.changes) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`"${mutant.name}" does not fit ${file} any more`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  return folder;
}

async function findingsOf(
  root: string,
  seed: number,
  channels: readonly ChannelName[],
): Promise<readonly Finding[]> {
  try {
    const run = await runKills({ channels, conversations: 48, kills: 10, seed, root, patience: 12_000 });
    const { findings } = await check(run);
    await run.close();
    return findings;
  } catch (error) {
    // It did not even start again after a kill.
    return [{ rule: 'crashed', what: error instanceof Error ? error.message : String(error) }];
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const asked = process.argv.slice(2);
let missed = 0;
for (const mutant of MUTANTS) {
  if (asked.length > 0 && !asked.some((word) => mutant.name.includes(word))) continue;
  const root = plant(mutant);
  const seed = 4;
  const findings = await findingsOf(root, seed, mutant.channels ?? ['telegram', 'web']);
  rmSync(root, { recursive: true, force: true });
  const counts = Object.entries(Object.groupBy(findings, ({ rule }) => rule)).map(
    ([rule, all]) => `${rule} ${all?.length ?? 0}`,
  );
  // The program as it is must pass, or finding something would mean nothing.
  const good = findings.length > 0 === mutant.changes.length > 0;
  if (!good) missed += 1;
  const verdict = good ? (findings.length > 0 ? 'caught' : 'passed') : 'WRONG ';
  print(`${verdict}  ${mutant.name.padEnd(62)} ${counts.join(', ')}`);
  if (findings[0]) print(`          ${findings[0].what.slice(0, 140)}`);
}
process.exitCode = missed > 0 ? 1 : 0;
