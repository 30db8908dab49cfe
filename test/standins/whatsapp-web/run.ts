// The stand-in run by hand, so that a developer can talk with the real program without a phone:
// node test/standins/whatsapp-web/run.ts --people 2. It prints what to put into .env.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { argsLine, CHROMIUM_ARGS, chromiumPath } from './chromium.ts';
import type { Person } from './person.ts';
import { startWhatsAppWeb } from './whatsapp-web.ts';

const HELP = `scan            the phone scans the picture shown now
code ABCD1234   the phone is given that code
1 say TEXT      person 1 writes
1 vote LABEL    person 1 votes in the newest poll that offers it
1 read          person 1 reads all there is
phone 1 TEXT    the owner writes to person 1 on the phone
unlink, drop, silence, conflict, crash, kill
quit`;

const { values } = parseArgs({
  options: { people: { type: 'string', default: '1' }, old: { type: 'boolean', default: false } },
});
const wa = await startWhatsAppWeb({ keyField: values.old ? '_serialized' : '$1' });
const people: Person[] = Array.from({ length: Number(values.people) }, () => wa.person());
const say = (text: string): void => void process.stdout.write(`${text}\n`);

say('WHATSAPP_ENABLED=true');
say(`WHATSAPP_CHROMIUM_PATH=${chromiumPath()}`);
say(`WHATSAPP_CHROMIUM_ARGS='${argsLine([...CHROMIUM_ARGS, ...wa.chromiumArgs])}'`);
say(`\n${HELP}\n`);

const ACTS: Readonly<Record<string, () => void>> = {
  unlink: wa.unlink,
  drop: wa.dropConnections,
  silence: wa.silence,
  conflict: wa.conflict,
  crash: wa.crashPage,
  kill: wa.killBrowser,
};

function person(number: string | undefined): Person {
  const found = people[Number(number) - 1];
  if (found === undefined) throw new Error(`there is no person ${number}`);
  return found;
}

async function act(line: string): Promise<void> {
  const [first = '', second = '', ...rest] = line.trim().split(' ');
  if (first === 'scan') await wa.scanQr();
  else if (first === 'code') wa.enterCode(second);
  else if (first === 'phone') wa.owner.say(person(second), rest.join(' '));
  else if (second === 'say') person(first).say(rest.join(' '));
  else if (second === 'vote') person(first).press(rest.join(' '));
  else if (second === 'read') person(first).read();
  else {
    const done = ACTS[first];
    if (done === undefined) throw new Error(HELP);
    done();
  }
}

const printed = people.map(() => 0);
wa.listen(() => {
  for (const [index, one] of people.entries()) {
    const all = wa.everything(one);
    for (const seen of all.slice(printed[index])) {
      if (!seen.byBot) continue;
      const options = seen.buttons.map(({ label }) => `\n  ( ) ${label}`).join('');
      say(`→ ${index + 1} [${seen.type}] ${seen.text}${options}`);
    }
    printed[index] = all.length;
  }
});

const lines = createInterface({ input: process.stdin, terminal: process.stdin.isTTY, prompt: '> ' });
lines.prompt();
for await (const line of lines) {
  if (line.trim() === 'quit') break;
  await act(line).catch((error: unknown) => say(`  ${(error as Error).message}`));
  lines.prompt();
}
await wa.stop();
