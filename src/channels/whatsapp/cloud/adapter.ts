// WhatsApp through Meta's Business Cloud API as a channel: the port's calls, what Meta posts to us, and the day within
// which people may be written to freely. It keeps nothing itself and never decides what is said.
import type { Address } from '../../../core/contact.ts';
import { DeliveryError } from '../../../core/errors.ts';
import type { Attachment } from '../../../core/message.ts';
import { createUnderWay } from '../../../networks/under-way.ts';
import { createUnproven } from '../../../networks/unproven.ts';
import type { Settings } from '../../../store/store.ts';
import type { Channel, Media, Outgoing } from '../../channel.ts';
import type { Hook, Parts } from '../../index.ts';
import { createFates } from './fates.ts';
import type { Graph } from './graph.ts';
import { createWatch, type WatchPace } from './health.ts';
import { receiveHook } from './hook.ts';
import { mediaIdOf } from './incoming.ts';
import {
  fileBody,
  recipientOf,
  type Step,
  shapeOf,
  stepsOf,
  templateOf,
  WHATSAPP_CLOUD,
} from './outgoing.ts';
import { createReceive } from './receive.ts';
import type { WhatsAppCloudConfig } from './settings.ts';
import type { Window } from './window.ts';

export interface WhatsAppCloudDeps {
  readonly config: Pick<WhatsAppCloudConfig, 'phoneId' | 'appSecret' | 'verifyToken' | 'template'>;
  readonly graph: Graph;
  readonly window: Window;
  readonly settings: Pick<Settings, 'once'>;
  readonly media: Pick<Media, 'open'>;
  /** What stands on the button that opens a list, in the person's language. */
  readonly openList: (to: Address) => Promise<string>;
  readonly onBad: (id: string, raw: string, reason: string) => Promise<void>;
  readonly clock: () => number;
  readonly log: Parts['log'];
  readonly pace?: {
    readonly watch?: WatchPace;
    readonly retries?: readonly number[];
    /** Milliseconds to wait for tidings of a message whose answer was lost. */
    readonly doubt?: number;
  };
}

/** Tidings of a message come within a second or two. */
const DOUBT = 5_000;
/** Works not ended whose steps are remembered; the oldest is forgotten beyond that. */
const KEPT = 1_000;

export function createWhatsAppCloudChannel(deps: WhatsAppCloudDeps): {
  readonly channel: Channel;
  readonly hook: Hook;
} {
  const { config, graph, window, clock, pace = {} } = deps;
  const fates = createFates();
  const unproven = createUnproven({ setting: 'WHATSAPP_CLOUD_APP_SECRET', clock, log: deps.log });
  const watch = createWatch(() => graph.check(), pace.watch);
  const receive = createReceive({
    phoneId: config.phoneId,
    settings: deps.settings,
    window,
    fates,
    onBad: deps.onBad,
    log: deps.log,
    ...(pace.retries && { retries: pace.retries }),
  });
  const underWay = createUnderWay();
  /** What of a message of several calls is done already: message ids and upload ids by step. */
  const done = new Map<string, Map<string, string>>();
  let receiving = false;

  async function once(key: string, step: string, act: () => Promise<string>): Promise<string> {
    const known = done.get(key)?.get(step);
    if (known !== undefined) return known;
    const result = await act();
    const steps = done.get(key) ?? new Map<string, string>();
    done.set(key, steps.set(step, result));
    if (done.size > KEPT) {
      const [oldest] = done.keys();
      if (oldest !== undefined) done.delete(oldest);
    }
    return result;
  }

  /** One message of the network. A lost answer is made good by what the network tells of it soon after. */
  async function call(key: string, body: object): Promise<string> {
    const known = fates.begin(key);
    let answered = known !== undefined;
    try {
      const id = known?.id ?? (await watch.noting(graph.send({ ...body, biz_opaque_callback_data: key })));
      answered = true;
      return id;
    } catch (error) {
      if (!(error instanceof DeliveryError && error.verdict === 'unknown')) throw error;
      const tidings = await fates.await(key, receiving ? (pace.doubt ?? DOUBT) : 0);
      if (!tidings) throw error;
      if (tidings.failure) throw tidings.failure;
      answered = true;
      return tidings.id;
    } finally {
      fates.end(key, answered);
    }
  }

  async function bodyOf(key: string, index: number, step: Step): Promise<object> {
    if (step.as === 'body') return step.body;
    const { file } = step;
    const { bytes, name, mime } = await deps.media.open(file);
    const shape = shapeOf(file.kind, mime ?? file.mime, bytes.byteLength);
    if (bytes.byteLength > shape.limit) throw new DeliveryError('never', 'too_big');
    const called = file.name ?? name ?? `file.${shape.mime.split('/')[1] ?? 'dat'}`;
    const id = await once(key, `upload.${index}`, () =>
      watch.noting(graph.upload({ bytes, mime: shape.mime, name: called })),
    );
    return fileBody(shape, file.kind, id, called, step.caption);
  }

  async function sendFreely(to: Address, out: Outgoing): Promise<string> {
    const hasChoices = (out.message.choices?.length ?? 0) > 0;
    const steps = stepsOf(out, { open: hasChoices ? await reading(deps.openList(to)) : '' });
    if (steps.length === 0) throw new DeliveryError('never', 'empty');
    let last = '';
    for (const [index, step] of steps.entries()) {
      // The last one stands for the whole; what is told of another part is known by its number.
      const key = index === steps.length - 1 ? out.key : `${out.key}#${index}`;
      last = await once(out.key, `send.${index}`, async () => {
        const body = await bodyOf(out.key, index, step);
        const whole = {
          messaging_product: 'whatsapp',
          recipient_type: 'individual',
          ...recipientOf(to.peer),
          ...body,
        };
        if (index > 0 || !out.replyTo?.startsWith('wamid.')) return await call(key, whole);
        try {
          return await call(key, { ...whole, context: { message_id: out.replyTo } });
        } catch (error) {
          if (!(error instanceof DeliveryError && error.reason === 'refused')) throw error;
          // It may be the quoted message that is not taken any more; the words matter more.
          return await call(key, whole);
        }
      });
    }
    return last;
  }

  /** To somebody who has not written for a day only what Meta has approved may be said. */
  async function sendTemplate(to: Address, out: Outgoing): Promise<string> {
    const body = config.template && templateOf(out.message, config.template);
    if (!body) throw new DeliveryError('never', 'window_closed');
    return await once(out.key, 'template', () =>
      call(out.key, {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        ...recipientOf(to.peer),
        ...body,
      }),
    );
  }

  async function send(to: Address, out: Outgoing): Promise<string> {
    if (!(await reading(window.isOpen(to, clock())))) return await sendTemplate(to, out);
    try {
      return await sendFreely(to, out);
    } catch (error) {
      if (!(error instanceof DeliveryError && error.reason === 'window_closed')) throw error;
      window.refused(to, clock());
      return await sendTemplate(to, out);
    }
  }

  /** From the store; while that is away the send waits. */
  async function reading<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw new DeliveryError('later', 'storage', { cause });
    }
  }

  const channel: Channel = {
    name: 'whatsapp',
    abilities: WHATSAPP_CLOUD,

    async start(intake) {
      receive.start(intake);
      receiving = true;
      watch.start();
    },

    async stop() {
      receiving = false;
      fates.stop();
      await Promise.all([receive.stop(), watch.stop(), underWay.ended()]);
    },

    health(now) {
      const health = watch.health();
      return health.ok ? { ...health, ...unproven.reason(now) } : health;
    },

    send: (to, out) =>
      underWay.track(
        send(to, out).then((message) => {
          done.delete(out.key);
          return { message };
        }),
      ),

    async fetch(attachment: Attachment) {
      const id = mediaIdOf(attachment.ref);
      if (id === undefined) throw new DeliveryError('never', 'gone');
      if ((attachment.size ?? 0) > WHATSAPP_CLOUD.downloadLimit) throw new DeliveryError('never', 'too_big');
      const file = await underWay.track(graph.download(id, WHATSAPP_CLOUD.downloadLimit));
      return {
        ...(attachment.name !== undefined && { name: attachment.name }),
        ...(attachment.mime !== undefined && { mime: attachment.mime }),
        ...file,
      };
    },
  };

  return {
    channel,
    async hook(request) {
      const answer = await receiveHook(request, config, (body, raw) => receive.take(body, raw));
      if (answer.status === 401) unproven.wrong();
      else if (answer.status === 200 && request.method === 'POST') unproven.right();
      return answer;
    },
  };
}
