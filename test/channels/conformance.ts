// One contract for every channel, run over a stand-in of its network. What a channel cannot do is decided by its
// abilities and by what its stand-in can play, never by its name; a case left out is listed, and its reason checked.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Channel, Health, Intake } from '../../src/channels/channel.ts';
import { fit as fitted, isNumbered } from '../../src/channels/fit.ts';
import { type Address, contactIdOf } from '../../src/core/contact.ts';
import { DeliveryError, type Verdict } from '../../src/core/errors.ts';
import { addressOf, type CustomerEvent, type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import type { Attachment, AttachmentKind, Message } from '../../src/core/message.ts';

/** A message as the person sees it now. */
export interface SeenMessage {
  readonly text: string;
  /** Labels, in order. */
  readonly buttons?: readonly string[];
  /** What the person could save. */
  readonly files?: readonly Uint8Array[];
}

export interface Harness {
  /** Not started; the suite starts and stops it. */
  readonly channel: Channel;
  /** The person's. */
  readonly address: Address;
  /** What the person and the network do. Each resolves when the network has it, not when the channel has. */
  readonly inject: {
    say(text: string): Promise<void>;
    /** Presses the button with this label on the last message that has it. */
    press?(label: string): Promise<void>;
    file(bytes: Uint8Array, kind: AttachmentKind): Promise<void>;
    /** Something the channel knows nothing of. */
    unknown(): Promise<void>;
    /** The bot's own message, sent back by the network as if it were news. */
    echo?(text: string): Promise<void>;
    /** The same message delivered twice. */
    twice?(text: string): Promise<void>;
  };
  /** The bot's messages, oldest first. */
  seen(): readonly SeenMessage[] | Promise<readonly SeenMessage[]>;
  /** The attachment for the bot to send with these bytes. */
  keep(bytes: Uint8Array, kind: AttachmentKind): Promise<Attachment>;
  /** The bytes of an attachment that came in. */
  open(attachment: Attachment): Promise<Uint8Array>;
  readonly faults?: {
    /** The verdicts its network can give cause for. */
    readonly refusals: readonly Verdict[];
    /** Arms the next send to be refused so. */
    refuse(verdict: Verdict): void | Promise<void>;
    down?(): void | Promise<void>;
    up?(): void | Promise<void>;
    /** Makes the next send's answer take about this long; milliseconds. */
    slow?(ms: number): void | Promise<void>;
  };
  /** The clock that health is asked by; absent: the real one. `down` may move it on. */
  now?(): number;
  /** Ends the stand-in. */
  stop(): Promise<void>;
}

const soon = { timeout: 10_000, interval: 10 };
const words = { choose: 'answer with the number', scale: (from: string, to: string) => `${from}..${to}` };
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Takes in what a channel brings; can refuse for a while, as a store that is down would make it. */
function createInbox(): {
  intake: Intake;
  events: InboundEvent[];
  refusals: number;
  refused: InboundEvent[];
} {
  const inbox = {
    events: [] as InboundEvent[],
    refused: [] as InboundEvent[],
    refusals: 0,
    async intake(events: readonly InboundEvent[]) {
      if (inbox.refusals > 0 && events.length > 0) {
        inbox.refusals--;
        inbox.refused.push(...events);
        throw new Error('the store is down');
      }
      inbox.events.push(...events);
    },
  };
  return inbox;
}

type Inbox = ReturnType<typeof createInbox>;

interface Case {
  readonly title: string;
  /** Why this channel or stand-in rules it out; absent: it must hold. */
  readonly without?: (harness: Harness) => string | false;
  run(harness: Harness, inbox: Inbox): Promise<void>;
}

let sent = 0;

async function sendAll(harness: Harness, message: Message): Promise<string[]> {
  const ids: string[] = [];
  for (const part of fitted(message, harness.channel.abilities, words)) {
    ids.push((await harness.channel.send(harness.address, { key: `conf.${++sent}`, message: part })).message);
  }
  return ids;
}

const solid = (text: string) => text.replace(/\s+/g, '');
const customers = (events: readonly InboundEvent[]) => events.filter(isCustomerEvent);
const saying = (events: readonly InboundEvent[], text: string) =>
  customers(events).filter((event) => event.kind === 'message' && event.text === text);

async function arrives(inbox: Inbox, text: string): Promise<CustomerEvent> {
  return await vi.waitFor(() => {
    const [event] = saying(inbox.events, text);
    expect(event, `"${text}" has not come in`).toBeDefined();
    return event!;
  }, soon);
}

async function shows(harness: Harness, check: (seen: readonly SeenMessage[]) => void): Promise<void> {
  await vi.waitFor(async () => check(await harness.seen()), soon);
}

const choicesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `r1.1.${index}`, label: `Choice number ${index}` }));

function refusal(verdict: Verdict): Case {
  return {
    title: `a refusal "${verdict}" is told as such`,
    without: ({ faults }) =>
      !faults?.refusals.includes(verdict) && `its network gives no cause for "${verdict}"`,
    async run(harness) {
      await sendAll(harness, { text: 'before' });
      await harness.faults?.refuse(verdict);
      const error = await sendAll(harness, { text: 'refused' }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(DeliveryError);
      if (!(error instanceof DeliveryError)) return;
      expect(error.verdict).toBe(verdict);
      expect(error.reason).not.toBe('');
      if (verdict === 'later') expect(error.retryAfter).toBeGreaterThan(0);
      else expect(error.retryAfter).toBeUndefined();
    },
  };
}

const CASES = {
  text: {
    title: 'words come in from the person and go out to them',
    async run(harness, inbox) {
      await harness.inject.say('Здравствуйте 👋');
      const event = await arrives(inbox, 'Здравствуйте 👋');
      expect(contactIdOf(addressOf(event))).toBe(contactIdOf(harness.address));
      const [id] = await sendAll(harness, { text: 'Добрый день! <b>&amp;</b> _*[x](y)' });
      expect(id).toBeTruthy();
      await shows(harness, (seen) => expect(seen.at(-1)?.text).toBe('Добрый день! <b>&amp;</b> _*[x](y)'));
    },
  },
  buttons: {
    title: 'a button pressed comes back with the same opaque id',
    without: ({ channel, inject }) =>
      (!channel.abilities.buttons && 'abilities.buttons is absent') || (!inject.press && 'nobody can press'),
    async run(harness, inbox) {
      const [id] = await sendAll(harness, {
        text: 'Как прошло?',
        choices: [
          { id: 'r1.1.0', label: 'Хорошо' },
          { id: 'r1.1.x_-~', label: 'Плохо' },
        ],
      });
      await shows(harness, (seen) => expect(seen.at(-1)?.buttons).toEqual(['Хорошо', 'Плохо']));
      await harness.inject.press?.('Плохо');
      const press = await vi.waitFor(() => {
        const found = customers(inbox.events).find((event) => event.kind === 'press');
        expect(found, 'no press has come in').toBeDefined();
        return found;
      }, soon);
      expect(press).toMatchObject({ kind: 'press', button: 'r1.1.x_-~', message: id });
    },
  },
  longText: {
    title: 'a text longer than one message arrives whole, in order',
    async run(harness) {
      const sentence = (index: number) => `Sentence ${index} of a long letter. `;
      const length = harness.channel.abilities.textLimit * 2.5;
      const text = Array.from({ length: Math.ceil(length / 30) }, (_, index) => sentence(index)).join('');
      await sendAll(harness, { text });
      await shows(harness, (seen) =>
        expect(solid(seen.map((one) => one.text).join('')) === solid(text), 'the text is not whole').toBe(
          true,
        ),
      );
    },
  },
  manyChoices: {
    title: 'more choices than there is room for can all be made',
    async run(harness) {
      const { buttons } = harness.channel.abilities;
      const room = buttons ? buttons.rows * buttons.perRow : 0;
      for (const count of [Math.max(room, 3), room + 5]) {
        const message: Message = { text: `Choose of ${count}`, choices: choicesOf(count) };
        const before = (await harness.seen()).length;
        await sendAll(harness, message);
        await shows(harness, (all) => {
          const seen = all.slice(before);
          const text = seen.map((one) => one.text).join('\n');
          const labels = seen.flatMap((one) => one.buttons ?? []);
          for (const [index, { label }] of choicesOf(count).entries()) {
            if (isNumbered(message, harness.channel.abilities))
              expect(text).toContain(`${index + 1}. ${label}`);
            else expect(labels).toContain(label);
          }
        });
      }
    },
  },
  filesOut: {
    title: 'a file goes out with the same bytes, its words with it',
    without: ({ channel }) => !channel.abilities.media.includes('photo') && 'abilities.media has no photo',
    async run(harness) {
      const photo = await harness.keep(png, 'photo');
      await sendAll(harness, { text: 'Вот фото', attachments: [photo] });
      await shows(harness, (seen) => {
        expect(seen.some((one) => one.files?.some((file) => Buffer.from(file).equals(png)))).toBe(true);
        expect(seen.some((one) => one.text.includes('Вот фото'))).toBe(true);
      });
      const bytes = randomBytes(200_000);
      await sendAll(harness, { text: '', attachments: [await harness.keep(bytes, 'document')] });
      await shows(harness, (seen) =>
        expect(seen.some((one) => one.files?.some((file) => Buffer.from(file).equals(bytes)))).toBe(true),
      );
    },
  },
  filesIn: {
    title: 'a file comes in with the same bytes',
    async run(harness, inbox) {
      await harness.inject.file(png, 'photo');
      const attachment = await vi.waitFor(() => {
        const event = customers(inbox.events).find(
          (one) => one.kind === 'message' && one.attachments?.length,
        );
        expect(event, 'no file has come in').toBeDefined();
        return event?.kind === 'message' ? event.attachments![0]! : undefined;
      }, soon);
      expect(attachment?.kind).toBe('photo');
      expect(Buffer.from(await harness.open(attachment!)).equals(png)).toBe(true);
    },
  },
  unknown: {
    title: 'what it knows nothing of is passed over, and what follows comes in',
    async run(harness, inbox) {
      await harness.inject.unknown();
      await harness.inject.say('after the unknown');
      await arrives(inbox, 'after the unknown');
      expect(customers(inbox.events).filter((event) => event.kind === 'press')).toEqual([]);
    },
  },
  echo: {
    title: "the bot's own message sent back is no event",
    without: ({ inject }) => !inject.echo && 'its network sends nothing back',
    async run(harness, inbox) {
      await sendAll(harness, { text: 'words of the bot' });
      await harness.inject.echo?.('words of the bot');
      await harness.inject.say('after the echo');
      await arrives(inbox, 'after the echo');
      expect(saying(inbox.events, 'words of the bot')).toEqual([]);
    },
  },
  twice: {
    title: 'the same event twice has one id, and another event another',
    without: ({ inject }) => !inject.twice && 'its network delivers once',
    async run(harness, inbox) {
      await harness.inject.twice?.('said once');
      await harness.inject.say('said next');
      await arrives(inbox, 'said next');
      const once = await vi.waitFor(() => {
        const found = saying(inbox.events, 'said once');
        expect(found.length).toBeGreaterThan(0);
        return found;
      }, soon);
      expect(new Set(once.map((event) => event.id)).size).toBe(1);
      expect(saying(inbox.events, 'said next')[0]?.id).not.toBe(once[0]?.id);
    },
  },
  blocked: refusal('blocked'),
  later: refusal('later'),
  never: refusal('never'),
  unknownFate: refusal('unknown'),
  intake: {
    title: 'what could not be kept comes again under the same id, in order',
    async run(harness, inbox) {
      inbox.refusals = 2;
      await harness.inject.say('kept at last').catch(() => {});
      await harness.inject.say('and this').catch(() => {});
      const kept = await arrives(inbox, 'kept at last');
      await arrives(inbox, 'and this');
      expect(inbox.refusals).toBe(0);
      const [refused] = saying(inbox.refused, 'kept at last');
      expect(refused?.id).toBe(kept.id);
      const order = customers(inbox.events).flatMap((event) =>
        event.kind === 'message' ? [event.text] : [],
      );
      expect(order.indexOf('kept at last')).toBeLessThan(order.indexOf('and this'));
    },
  },
  stop: {
    title: 'it stops within two seconds, and what is under way is finished',
    async run(harness) {
      await harness.faults?.slow?.(300);
      const send = sendAll(harness, { text: 'the last words' });
      const began = performance.now();
      await Promise.all([harness.channel.stop(), send]);
      expect(performance.now() - began).toBeLessThan(2_000);
      await shows(harness, (seen) => expect(seen.at(-1)?.text).toBe('the last words'));
    },
  },
  health: {
    title: 'it tells when the network is down, and when it is back',
    without: ({ faults }) => (!faults?.down || !faults.up) && 'its network cannot be down',
    async run(harness) {
      const health = (): Health => harness.channel.health(harness.now?.() ?? Date.now());
      await vi.waitFor(() => expect(health()).toEqual({ ok: true }), soon);
      await harness.faults?.down?.();
      await vi.waitFor(() => expect(health().ok).toBe(false), soon);
      expect(health().reason).toBeTruthy();
      await harness.faults?.up?.();
      await vi.waitFor(() => expect(health()).toEqual({ ok: true }), soon);
    },
  },
} satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

/** `leavesOut` names the cases that the abilities or the stand-in rule out; each is checked to be so ruled. */
export function conformance(
  name: string,
  makeHarness: () => Promise<Harness>,
  leavesOut: Readonly<Partial<Record<CaseName, string>>> = {},
): void {
  describe(`${name} keeps the channels' contract`, () => {
    let harness: Harness;
    let inbox: Inbox;
    beforeEach(async () => {
      harness = await makeHarness();
      inbox = createInbox();
      await harness.channel.start(inbox.intake);
    });
    afterEach(async () => {
      await harness.channel.stop();
      await harness.stop();
    });

    for (const [id, { title, without, run }] of Object.entries<Case>(CASES)) {
      const reason = leavesOut[id as CaseName];
      if (reason !== undefined) {
        test(`leaves out "${title}": ${reason}`, () => {
          expect(without?.(harness) || 'nothing rules it out').toBe(reason);
        });
      } else {
        test(title, async () => {
          expect(without?.(harness) || undefined, 'ruled out, so it belongs in leavesOut').toBeUndefined();
          await run(harness, inbox);
        });
      }
    }
  });
}
