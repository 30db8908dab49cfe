// Files of messages: up to the media host before the message is sent, down from it when they are asked for. The real
// page encrypts them with the message's key; here they travel as they are, named by their hash.
import { Model } from './model.ts';

const HOST = 'https://mmg.whatsapp.net';

export interface Download {
  readonly directPath: string;
  readonly filehash: string;
}

class HttpStatusCodeError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`media host answered ${status}`);
    this.status = status;
  }
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

export async function downloadMedia(file: Download): Promise<ArrayBuffer> {
  const answer = await fetch(`${HOST}${file.directPath}`);
  if (!answer.ok) throw new HttpStatusCodeError(answer.status);
  const bytes = await answer.arrayBuffer();
  if ((await hashOf(bytes)) !== file.filehash) throw new Error('the file is not what the message names');
  return bytes;
}

export class OpaqueData {
  readonly #blob: Blob;
  readonly type: string;
  readonly size: number;

  constructor(blob: Blob, type: string) {
    this.#blob = blob;
    this.type = type;
    this.size = blob.size;
  }

  static async createFromData(blob: Blob, type: string): Promise<OpaqueData> {
    return new OpaqueData(blob, type);
  }

  url(): string {
    return URL.createObjectURL(this.#blob);
  }

  formData(): Blob {
    return this.#blob;
  }

  autorelease(): void {}

  name(): string | undefined {
    return this.#blob instanceof File ? this.#blob.name : undefined;
  }
}

interface Wanted {
  readonly asSticker?: boolean;
  readonly asGif?: boolean;
  readonly isPtt?: boolean;
  readonly asDocument?: boolean;
}

function typeOf(mime: string, wanted: Wanted): string {
  if (wanted.asSticker === true) return 'sticker';
  if (wanted.asDocument === true) return 'document';
  if (mime.startsWith('audio/')) return wanted.isPtt === true ? 'ptt' : 'audio';
  if (mime.startsWith('image/')) return 'image';
  return mime.startsWith('video/') ? 'video' : 'document';
}

export function prepRawMedia(data: OpaqueData, wanted: Wanted): { waitForPrep(): Promise<Model> } {
  return {
    async waitForPrep() {
      const bytes = await data.formData().arrayBuffer();
      const type = typeOf(data.type, wanted);
      return new Model({
        type,
        mimetype: data.type,
        mediaBlob: data,
        filehash: await hashOf(bytes),
        size: bytes.byteLength,
        isGif: wanted.asGif === true,
        ...(type === 'document' && { filename: data.name() }),
      });
    },
  };
}

export interface MediaObject {
  readonly filehash: string;
  readonly contentInfo: { readonly waveform: Uint8Array };
  type: string;
  size: number;
  blob: Blob | undefined;
  consolidate(data: Readonly<Record<string, unknown>>): void;
}

export function createMediaStorage(): { getOrCreateMediaObject(filehash: string): MediaObject } {
  const objects = new Map<string, MediaObject>();
  return {
    getOrCreateMediaObject(filehash) {
      const known = objects.get(filehash);
      if (known !== undefined) return known;
      const made: MediaObject = {
        filehash,
        contentInfo: { waveform: new Uint8Array(64) },
        type: 'document',
        size: 0,
        blob: undefined,
        consolidate(data) {
          made.type = String(data.type);
          made.size = Number(data.size);
          if (data.mediaBlob instanceof OpaqueData) made.blob = data.mediaBlob.formData();
        },
      };
      objects.set(filehash, made);
      return made;
    },
  };
}

interface Upload {
  readonly mimetype: string;
  readonly mediaObject: MediaObject;
  readonly mediaType: string;
}

export async function uploadMedia({
  mimetype,
  mediaObject,
  mediaType,
}: Upload): Promise<{ mediaEntry: unknown }> {
  const { blob, filehash } = mediaObject;
  if (blob === undefined) throw new Error('nothing to upload');
  const query = new URLSearchParams({ filehash, type: mediaType });
  const answer = await fetch(`${HOST}/upload?${query}`, {
    method: 'POST',
    headers: { 'content-type': mimetype },
    body: blob,
  });
  if (!answer.ok) throw new HttpStatusCodeError(answer.status);
  const { directPath } = (await answer.json()) as { directPath: string };
  return {
    mediaEntry: {
      mmsUrl: `${HOST}${directPath}`,
      deprecatedMms3Url: `${HOST}${directPath}`,
      directPath,
      mediaKey: btoa(filehash).slice(0, 44),
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      encFilehash: filehash,
      uploadHash: filehash,
    },
  };
}
