// Requests to a web server without a network, as a browser would make them: a visitor, an upload, a plain call.
import type { Web } from '../../src/web/server.ts';

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

type Method = 'GET' | 'POST';

export function callsTo(web: () => Web) {
  async function call(
    method: Method,
    url: string,
    options: {
      body?: unknown;
      cookie?: string;
      headers?: Record<string, string>;
      raw?: string | Buffer;
    } = {},
  ) {
    return await web().app.inject({
      method,
      url,
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
        ...options.headers,
      },
      ...(options.raw !== undefined
        ? { payload: options.raw }
        : options.body === undefined
          ? {}
          : { payload: JSON.stringify(options.body) }),
    });
  }

  /** A visitor is whoever opened the page. */
  async function visitor(): Promise<string> {
    const [cookie] = (await call('GET', '/')).cookies;
    return `${cookie?.name}=${cookie?.value}`;
  }

  async function uploadAs(cookie: string, name: string, type: string, bytes: Buffer) {
    const form = multipart(name, type, bytes);
    return await call('POST', '/chat/files', { cookie, raw: form.raw, headers: form.headers });
  }

  return { call, visitor, uploadAs };
}

function multipart(name: string, type: string, bytes: Buffer) {
  const boundary = 'xxBOUNDARYxx';
  const raw = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { raw, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}
