// VK's API through vk-io, over our own connections. Every failed call throws DeliveryError and nothing else; the token
// never leaves this file. It repeats nothing of its own but what VK refused for haste: whether to try again is the
// outbox's to say.
import type { Agent } from 'node:https';
import { VK } from 'vk-io';
import { DeliveryError } from '../../core/errors.ts';
import type { UploadFile, UploadKind, UploadPlace, VkApi } from './api.ts';
import { toDeliveryError } from './errors.ts';
import { createTransport } from './transport.ts';

export interface VkClientSettings {
  readonly token: string;
  readonly apiBaseUrl: string;
  readonly proxyUrl?: string | undefined;
  /** Milliseconds for an ordinary call; absent: 15,000. */
  readonly timeout?: number | undefined;
}

/** Calls a second that VK takes from one community. */
const LIMIT = 20;
const CALL_TIMEOUT = 15_000;
const UPLOAD_TIMEOUT = 120_000;

export async function createVkClient(settings: VkClientSettings): Promise<VkApi> {
  const transport = await createTransport(settings.proxyUrl);
  const timeout = settings.timeout ?? CALL_TIMEOUT;
  const vk = new VK({
    token: settings.token,
    apiBaseUrl: settings.apiBaseUrl.replace(/\/+$/, ''),
    apiLimit: LIMIT,
    apiRetryLimit: 0,
    apiTimeout: timeout,
    uploadTimeout: UPLOAD_TIMEOUT,
    // It goes to the fetch underneath, which asks it for each address; the library's type knows one agent only.
    agent: ((url: URL) => transport.agentFor(url)) as unknown as Agent,
  });

  /** While VK refuses for haste the library waits and asks again without end: here is the end. */
  async function within<T>(method: string, longest: number, work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new DeliveryError('unknown', 'network')), longest);
    try {
      return await Promise.race([work, late.promise]);
    } catch (error) {
      throw toDeliveryError(method, error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    call: (method, params) => within(method, timeout * 2, vk.api.call(method, params)),
    async upload(kind, place, file) {
      try {
        return await within(`upload ${kind}`, UPLOAD_TIMEOUT * 2, uploaded(vk, kind, place, file));
      } catch (error) {
        // Uploading twice is seen by nobody: a lost answer is no more than a delay here.
        if (error instanceof DeliveryError && error.verdict === 'unknown') {
          throw new DeliveryError('later', 'network', { retryAfter: 2_000, cause: error });
        }
        throw error;
      }
    },
    get: (url, options) => transport.get(url, options),
    close: async () => transport.close(),
  };
}

async function uploaded(vk: VK, kind: UploadKind, place: UploadPlace, file: UploadFile): Promise<string> {
  const { buffer, byteOffset, byteLength } = file.bytes;
  const value = Buffer.from(buffer, byteOffset, byteLength);
  const source = { value, filename: file.name, contentLength: byteLength };
  if ('wallOf' in place) {
    // The wall's own place for pictures is closed to a community's key; the one for messages takes them for nobody.
    if (kind === 'photo') return String(await vk.upload.messagePhoto({ source }));
    return String(await vk.upload.wallDocument({ source, group_id: place.wallOf, title: file.name }));
  }
  const given = { peer_id: place.peer, source };
  if (kind === 'photo') return String(await vk.upload.messagePhoto(given));
  if (kind === 'audio_message') return String(await vk.upload.audioMessage(given));
  return String(await vk.upload.messageDocument({ ...given, title: file.name }));
}
