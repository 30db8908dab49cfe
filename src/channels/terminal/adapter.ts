// A terminal as a channel, for trying a talk by hand or from a script: lines in, lines out. One person, one talk.
// Piped, each line waits until the bot has answered the one before.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';
import type { CustomerAct, CustomerEvent } from '../../core/event.ts';
import { ATTACHMENT_KINDS, type Attachment } from '../../core/message.ts';
import type { Abilities, Channel, FileBytes, Intake, Media } from '../channel.ts';
import { createAnswers } from './answers.ts';
import { fromLine, kindByName, toLines } from './wire.ts';

const NAME = 'terminal';
const MB = 1024 * 1024;
const FIRST_RETRY = 100;
const LAST_RETRY = 5_000;

export const TERMINAL_ABILITIES: Abilities = {
  textLimit: 100_000,
  captionLimit: 100_000,
  media: ATTACHMENT_KINDS,
  together: 1,
  uploadLimit: 20 * MB,
  downloadLimit: 20 * MB,
  edits: false,
  marksChoice: false,
  history: 'network',
  sendsOnce: false,
  rates: {},
};

export interface TerminalSettings {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly person: { readonly id: string; readonly name?: string; readonly locale?: string };
  readonly media: Media;
  /** Where the bot's files are put for the person to look at; made when first needed. */
  readonly dir: string;
  readonly now: () => number;
  readonly words: TerminalWords;
  /** Present: the talk is opened by a start with this payload, before any line. */
  readonly open?: string;
  /** Piped input: so long a silence after an answer means that the bot has finished; milliseconds. */
  readonly quiet?: number;
  /** Piped input: no line waits longer than this for the answer to the one before; milliseconds. */
  readonly patience?: number;
}

export interface TerminalWords {
  /** Before the path of a file that could not be read. */
  readonly cannotAttach: string;
  /** Said once when a line could not be taken in and is being tried again. */
  readonly waiting: string;
}

export interface Terminal extends Channel {
  /** The person has left, or the input has ended and the last line was answered. */
  readonly ended: Promise<void>;
}

export function createTerminal(settings: TerminalSettings): Terminal {
  const { input, output, person, media, now } = settings;
  const interactive = Boolean(input.isTTY && output.isTTY);
  const run = randomUUID();
  const stopping = new AbortController();
  const ended = Promise.withResolvers<void>();
  const answers = createAnswers(settings.quiet ?? 150, settings.patience ?? 5_000);
  let count = 0;
  let state: 'new' | 'open' | 'ended' = 'new';
  let broken = false;
  let reading: Promise<void> = Promise.resolve();
  let redrawPrompt = () => {};
  const sends = new Set<Promise<unknown>>();

  // Without a listener a closed pipe would end the process; each write tells its own fate.
  output.on('error', () => {
    broken = true;
  });

  async function print(text: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const shown = interactive ? `\r\x1b[K${text}` : text;
    if (broken || !output.writable) throw new DeliveryError('blocked', 'closed');
    output.write(shown, (error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } catch (error) {
      throw new DeliveryError('blocked', 'closed', { cause: error });
    }
    redrawPrompt();
  }

  /** Some terminals tell no width, or none that words fit; a pipe is not wrapped at all. */
  function width(): number {
    return interactive ? Math.max(output.columns || 80, 20) : Number.POSITIVE_INFINITY;
  }

  /** For words of the terminal's own: they are no delivery, so a closed output shows in the health only. */
  async function remark(text: string): Promise<void> {
    await print(text).catch(() => {
      broken = true;
    });
  }

  function eventOf(act: CustomerAct): CustomerEvent {
    count++;
    const { id: peer, ...about } = person;
    const id = `${run}.${count}`;
    const envelope = { id, channel: NAME, account: '', at: now(), peer, person: about };
    return act.kind === 'message' ? { ...envelope, ...act, message: id } : { ...envelope, ...act };
  }

  /** Until it is kept: the same event, so that a second try of a kept one changes nothing. */
  async function enter(act: CustomerAct, intake: Intake): Promise<void> {
    const event = eventOf(act);
    let delay = FIRST_RETRY;
    while (!stopping.signal.aborted) {
      try {
        return await intake([event]);
      } catch {
        // The intake has logged why; the person need only know that nothing is lost.
        if (delay === FIRST_RETRY) await remark(`! ${settings.words.waiting}\n`);
      }
      await pause(delay, undefined, { signal: stopping.signal }).catch(() => {});
      delay = Math.min(delay * 2, LAST_RETRY);
    }
  }

  async function attach(path: string, intake: Intake): Promise<void> {
    let attachment: Attachment;
    try {
      const { size } = await stat(path);
      if (size > TERMINAL_ABILITIES.downloadLimit) throw new DeliveryError('never', 'too_big');
      attachment = await media.keep({ bytes: await readFile(path), name: path }, kindByName(path));
    } catch (error) {
      answers.came();
      return await remark(`! ${settings.words.cannotAttach}: ${path} (${reasonOf(error)})\n`);
    }
    await enter({ kind: 'message', text: '', attachments: [attachment] }, intake);
  }

  async function read(intake: Intake): Promise<void> {
    const lines = createInterface({
      input,
      prompt: '> ',
      terminal: interactive,
      ...(interactive && { output }),
    });
    stopping.signal.addEventListener('abort', () => lines.close(), { once: true });
    lines.on('SIGINT', () => lines.close());
    if (interactive) redrawPrompt = () => lines.prompt(true);
    const said = lines[Symbol.asyncIterator]();
    if (settings.open !== undefined) {
      const answered = answers.next(stopping.signal);
      await enter({ kind: 'start', ...(settings.open !== '' && { payload: settings.open }) }, intake);
      if (!interactive) await answered;
    }
    redrawPrompt();
    for (;;) {
      const { value, done } = await said.next();
      const line = done ? undefined : fromLine(value);
      if (done || line?.is === 'quit' || stopping.signal.aborted) break;
      if (!line) {
        redrawPrompt();
        continue;
      }
      if (!interactive) await remark(`> ${value}\n`);
      // Asked before the line goes in: the answer may be there before the intake returns.
      const answered = answers.next(stopping.signal);
      if (line.is === 'attach') await attach(line.path, intake);
      else await enter(line.act, intake);
      if (!interactive) await answered;
      redrawPrompt();
    }
    redrawPrompt = () => {};
    lines.close();
    if (interactive) await remark('\n');
  }

  async function save(key: string, index: number, file: FileBytes): Promise<string> {
    const ending =
      /\.(\w{1,8})$/.exec(file.name ?? '')?.[1] ?? /\/([a-z0-9]{1,8})/.exec(file.mime ?? '')?.[1];
    const path = join(settings.dir, `${key.replace(/\W+/g, '-')}-${index}.${ending ?? 'bin'}`);
    try {
      await mkdir(settings.dir, { recursive: true, mode: 0o700 });
      await writeFile(path, file.bytes, { mode: 0o600 });
    } catch (error) {
      throw new DeliveryError('later', 'storage', { cause: error });
    }
    return path;
  }

  return {
    name: NAME,
    abilities: TERMINAL_ABILITIES,
    ended: ended.promise,
    async start(intake) {
      state = 'open';
      reading = read(intake).finally(() => {
        state = 'ended';
        ended.resolve();
      });
      // Told to whoever waits for `stop`; until then it must not end the process by itself.
      reading.catch(() => {});
    },
    async stop() {
      stopping.abort();
      await Promise.all([reading, ...sends]);
    },
    health() {
      if (broken || !output.writable) return { ok: false, reason: 'the output is closed' };
      if (state === 'open') return { ok: true };
      return { ok: false, reason: state === 'new' ? 'not started' : 'the input has ended' };
    },
    async send(_to, out) {
      const work = (async () => {
        const files: string[] = [];
        for (const [index, file] of (out.message.attachments ?? []).entries()) {
          files.push(file.ref === undefined ? '' : await save(out.key, index, await media.open(file)));
        }
        await print(`${toLines(out.message, files, width())}\n`);
        answers.came();
        return { message: out.key };
      })();
      const settled = work.catch(() => {}).finally(() => sends.delete(settled));
      sends.add(settled);
      return await work;
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof DeliveryError) return error.reason;
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
