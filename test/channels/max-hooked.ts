// A webhook on loopback as the web server offers one: the body untouched, the hook's answer as it is.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hook } from '../../src/channels/index.ts';

export interface Hooked {
  readonly url: string;
  stop(): Promise<void>;
}

export async function serveHook(hook: Hook): Promise<Hooked> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams);
    const method = request.method === 'GET' ? 'GET' : 'POST';
    const answer = await hook({ method, query, headers: request.headers, rawBody: Buffer.concat(chunks) });
    response.writeHead(answer.status);
    response.end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/max`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
