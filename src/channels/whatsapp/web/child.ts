// The process that holds the browser with WhatsApp Web. It has no store and no settings but those it was started with;
// it ends when its parent is gone, and nothing of it outlives it.
import { DeliveryError } from '../../../core/errors.ts';
import { createPage } from './client.ts';
import type { Answer, ChildSettings, Question, Said } from './protocol.ts';
import { createTasks } from './tasks.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as ChildSettings;
/** The browser has this long to close. */
const CLOSING = 5_000;

const tell = (what: Said | Answer): void => {
  if (process.connected) process.send?.(what, undefined, {}, () => undefined);
};

let ending = false;
function end(code: number): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), CLOSING);
  void page.close().finally(() => process.exit(code));
}

const page = createPage(settings, (said) => {
  tell(said);
  if (said.on === 'broken') return end(1);
  // Unlinked on the phone: what is kept here is worth nothing any more.
  if (said.on === 'gone') void page.close(said.why === 'LOGOUT').finally(() => end(0));
});
const tasks = createTasks(page);

async function answer({ n, ask, give }: Question): Promise<void> {
  try {
    const task = tasks[ask] as (given: object) => Promise<unknown>;
    tell({ re: n, take: await task(give) });
  } catch (error) {
    const refusal = error instanceof DeliveryError ? error : undefined;
    tell({ re: n, verdict: refusal?.verdict ?? 'unknown', reason: refusal?.reason ?? 'network' });
  }
}

process.on('message', (question) => void answer(question as Question));
process.on('disconnect', () => end(0));
process.on('SIGTERM', () => end(0));
// A terminal's Ctrl-C reaches this process too; its parent is the one to act on it.
process.on('SIGINT', () => undefined);
// The library leaves promises behind whose page was closed under them.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => {
  process.stderr.write(`the process of the browser failed: ${error.name}\n`);
  end(1);
});

await page.open().catch(() => end(1));
