// The run at full size, by hand: node test/faults/run.ts --conversations 200 --kills 100 --seed 1 --channel vk,web
import { parseArgs } from 'node:util';
import { check } from './check.ts';
import { ROOT, runKills } from './kill.ts';
import { CHANNELS } from './net.ts';

const { values } = parseArgs({
  options: {
    conversations: { type: 'string', default: '200' },
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** One of net.ts's CHANNELS, or several with commas: people come by them in turn. */
    channel: { type: 'string', default: 'telegram,web' },
    /** Programs that share the work over one Redis. */
    instances: { type: 'string' },
    patience: { type: 'string', default: '60' },
    /** The folder that holds the src/ to run, such as a copy that nobody edits meanwhile. */
    root: { type: 'string', default: ROOT },
    keep: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const channels = values.channel.split(',').map((name) => {
  const channel = CHANNELS.find((one) => one === name);
  if (channel === undefined) throw new Error(`--channel ${name}: known are ${CHANNELS.join(', ')}`);
  return channel;
});
const result = await runKills({
  channels,
  ...(values.instances === undefined ? {} : { instances: Number(values.instances) }),
  conversations: Number(values.conversations),
  kills: Number(values.kills),
  seed: Number(values.seed),
  root: values.root,
  patience: Number(values.patience) * 1_000,
  say: print,
});
const { findings, numbers } = await check(result);
print('');
for (const [name, number] of Object.entries({ ...numbers, ms: result.ms }))
  print(`${name.padEnd(20)} ${number}`);
const counts = Object.entries(Object.groupBy(findings, ({ rule }) => rule));
print(findings.length === 0 ? '\nnothing lost, nothing doubled' : '\nfound:');
for (const [rule, all] of counts) print(`${rule.padEnd(20)} ${all?.length ?? 0}`);
for (const { rule, what } of findings) print(`  ${rule}: ${what}`);
if (values.keep) {
  for (const net of result.nets) await net.stop();
  print(`kept in ${result.folder}`);
} else await result.close();
process.exitCode = findings.length === 0 ? 0 : 1;
