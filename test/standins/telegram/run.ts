// The stand-in run by hand, so that a developer can talk with the real program without Telegram:
// node test/standins/telegram/run.ts --port 8081 --people 2 --forum. It prints what to put into .env.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { actLine, type Cast, describeMessage, HELP } from './console.ts';
import { startTelegram } from './telegram.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8081' },
    people: { type: 'string', default: '1' },
    operators: { type: 'string', default: '2' },
    forum: { type: 'boolean', default: false },
  },
});

const crowd = (count: string): number[] => Array.from({ length: Number(count) }, (_, index) => index + 1);

const standIn = await startTelegram({ port: Number(values.port) });
const people = crowd(values.people).map((n) =>
  standIn.person({ first_name: `Person ${n}`, username: `person${n}`, language_code: 'ru' }),
);
const operators = values.forum
  ? crowd(values.operators).map((n) =>
      standIn.person({ first_name: `Operator ${n}`, username: `operator${n}` }),
    )
  : [];
const forum = values.forum ? standIn.forum({ title: 'Operators', members: operators }) : undefined;
const cast: Cast = { standIn, people, operators, forum };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

say(`TELEGRAM_API_ROOT=${standIn.url}`);
say(`TELEGRAM_BOT_TOKEN=${standIn.token}`);
if (forum !== undefined) {
  say(`# the operators' group: ${forum.id}; its members: ${operators.map((one) => one.id).join(', ')}`);
}
say(`\n${HELP}\n`);

/** How much of every message of the bot's was printed already. */
const printed = new Map<string, number>();
const deletions = new Set<string>();

standIn.listen(() => {
  for (const chat of standIn.chats.values()) {
    for (const message of standIn.everything(chat.id)) {
      if (!message.byBot) continue;
      const key = `${chat.id}:${message.message_id}`;
      const where = message.thread_id === undefined ? '' : `, topic ${message.thread_id}`;
      const name = chat.title ?? chat.user?.first_name ?? '';
      if (message.deletedAt !== undefined) {
        if (!deletions.has(key)) say(`→ ${name}${where}: #${message.message_id} deleted`);
        deletions.add(key);
      } else if ((printed.get(key) ?? -1) < message.history.length) {
        printed.set(key, message.history.length);
        say(`→ ${name}${where}:\n${describeMessage(message)}`);
      }
    }
  }
  for (const press of standIn.presses.values()) {
    const key = `press:${press.id}`;
    if (press.answers.length <= (printed.get(key) ?? 0)) continue;
    printed.set(key, press.answers.length);
    const said = press.answers.at(-1)?.text;
    if (said !== undefined) say(`→ toast: ${said}`);
  }
});

const lines = createInterface({ input: process.stdin, terminal: process.stdin.isTTY, prompt: '> ' });
lines.prompt();
lines.on('line', (line) => {
  if (line.trim() === 'quit') {
    lines.close();
    return;
  }
  try {
    const done = actLine(cast, line);
    if (done !== '') say(done);
  } catch (error) {
    say(`  ${(error as Error).message}`);
  }
  lines.prompt();
});
lines.on('close', () => void standIn.stop());
