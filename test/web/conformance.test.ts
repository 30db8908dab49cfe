// The channels' contract kept by the chat page's channel, through the real web server over HTTP. The visitor played
// here does as the page does: a cookie, its own ids, and what was not taken is posted again, in order, until it is.
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel, Intake } from '../../src/channels/channel.ts';
import { createWebChannel } from '../../src/channels/web/adapter.ts';
import type { MessageView } from '../../src/channels/web/wire.ts';
import { type Address, contactIdOf } from '../../src/core/contact.ts';
import { addressOf, isCustomerEvent } from '../../src/core/event.ts';
import type { AttachmentKind } from '../../src/core/message.ts';
import { createWeb } from '../../src/web/server.ts';
import { conformance, type Harness, type SeenMessage } from '../channels/conformance.ts';
import { createWorld } from './memory.ts';

const AGAIN = 20;

async function makeHarness(): Promise<Harness> {
  let taken: Intake = async () => {};
  const world = createWorld({ intake: (events) => taken(events) });
  const web = await createWeb(world.deps);
  const visitor = await createVisitor(await web.listen());
  const address = await new Promise<Address>((resolve, reject) => {
    // What comes before the channel starts tells only who the cookie's visitor is.
    taken = async ([first]) => {
      if (first && isCustomerEvent(first)) resolve(addressOf(first));
    };
    visitor.try({ id: 'hello', kind: 'locale', locale: 'ru' }).catch(reject);
  });
  const real = createWebChannel({ publish: world.publish });
  const channel: Channel = {
    ...real,
    start: async (intake) => {
      taken = intake;
      await real.start(intake);
    },
    // Its history is ours, so the shell keeps each message before it is sent.
    send: async (to, out) => {
      world.keep(contactIdOf(to), out.message, { id: out.key });
      return await real.send(to, out);
    },
  };

  return {
    channel,
    address,
    inject: {
      say: async (text) => visitor.post({ kind: 'message', text }),
      async press(label) {
        const messages = await visitor.messages();
        const on = messages.findLast((message) => message.choices?.some((choice) => choice.label === label));
        const button = on?.choices?.find((choice) => choice.label === label)?.id;
        if (!on || button === undefined) throw new Error(`no button "${label}" is on the page`);
        visitor.post({ kind: 'press', button, message: on.id });
      },
      async file(bytes, kind) {
        visitor.post({ kind: 'message', text: '', files: [await visitor.upload(bytes, kind)] });
      },
      async unknown() {
        const answer = await visitor.try({ id: 'unknown1', kind: 'dance', button: 'r1.1.1' });
        if (answer.status !== 400) throw new Error(`what is unknown was answered with ${answer.status}`);
      },
      async twice(text) {
        const event = { id: 'twice1', kind: 'message', text };
        await Promise.all([visitor.try(event), visitor.try(event)]);
      },
    },
    async seen() {
      const theirs = (await visitor.messages()).filter((message) => message.from !== 'me');
      return await Promise.all(theirs.map((message) => visitor.look(message)));
    },
    keep: (bytes, kind) => world.deps.media.keep({ bytes }, kind),
    open: async (attachment) => (await world.deps.media.open(attachment)).bytes,
    async stop() {
      visitor.leave();
      await web.stop();
    },
  };
}

async function createVisitor(origin: string) {
  const cookie = (await fetch(origin)).headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const waiting: object[] = [];
  let ids = 0;
  let busy = false;
  let here = true;

  const attempt = (event: object): Promise<Response> =>
    fetch(`${origin}/chat/events`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(event),
    });
  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (here && waiting[0]) {
      const answer = await attempt(waiting[0]).catch(() => undefined);
      if (answer?.status === 202) waiting.shift();
      else await pause(AGAIN);
    }
    busy = false;
  };
  const bytesOf = async (url: string): Promise<Uint8Array> =>
    new Uint8Array(await (await fetch(origin + url, { headers: { cookie } })).arrayBuffer());

  return {
    try: attempt,
    leave: () => {
      here = false;
    },
    post(event: object): void {
      ids += 1;
      waiting.push({ id: `page${ids}`, ...event });
      void pump();
    },
    async upload(bytes: Uint8Array, kind: AttachmentKind): Promise<string> {
      const form = new FormData();
      const type = kind === 'photo' ? 'image/png' : 'application/octet-stream';
      form.append('file', new Blob([Buffer.from(bytes)], { type }), kind);
      const answer = await fetch(`${origin}/chat/files`, { method: 'POST', headers: { cookie }, body: form });
      return ((await answer.json()) as { sealed: string }).sealed;
    },
    async messages(): Promise<readonly MessageView[]> {
      const answer = await fetch(`${origin}/chat/messages`, { headers: { cookie } });
      return ((await answer.json()) as { messages: MessageView[] }).messages;
    },
    async look(message: MessageView): Promise<SeenMessage> {
      const urls = (message.files ?? []).flatMap((file) => file.url ?? []);
      return {
        text: message.text,
        ...(message.choices ? { buttons: message.choices.map((choice) => choice.label) } : {}),
        ...(urls.length > 0 ? { files: await Promise.all(urls.map(bytesOf)) } : {}),
      };
    },
  };
}

const TAKES_ALL = (verdict: string) => `its network gives no cause for "${verdict}"`;

conformance('web', makeHarness, {
  echo: 'its network sends nothing back',
  blocked: TAKES_ALL('blocked'),
  later: TAKES_ALL('later'),
  never: TAKES_ALL('never'),
  unknownFate: TAKES_ALL('unknown'),
  health: 'its network cannot be down',
});
