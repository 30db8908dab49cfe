// The console's calls to its server. A failure is always an ApiError with a code the page has words for.
export class ApiError extends Error {
  readonly code: string;
  /** Seconds to wait. */
  readonly after: number | undefined;
  constructor(code: string, after?: number) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.after = after;
  }
}

const PATIENCE = 20_000;

export async function get<T>(path: string): Promise<T> {
  return await call<T>(path, {});
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  return await call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-otklik': '1' },
    body: JSON.stringify(body),
  });
}

export async function upload<T>(path: string, file: File): Promise<T> {
  const form = new FormData();
  form.append('file', file, file.name);
  return await call<T>(path, { method: 'POST', headers: { 'x-otklik': '1' }, body: form }, 5 * 60_000);
}

/** Sent again under the same key after a lost answer, so that one press is one act. */
export async function act(
  ticket: string,
  name: string,
  body: { readonly key: string; readonly [field: string]: unknown },
) {
  const path = `/console/api/tickets/${encodeURIComponent(ticket)}/${name}`;
  for (let tries = 1; ; tries += 1) {
    try {
      return await post<{ ok: boolean }>(path, body);
    } catch (error) {
      const passing = error instanceof ApiError && (error.code === 'network' || error.code === 'internal');
      if (!passing || tries >= 4) throw error;
      await new Promise((resolve) => setTimeout(resolve, 700 * tries));
    }
  }
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function call<T>(path: string, init: RequestInit, patience = PATIENCE): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(patience) });
  } catch {
    throw new ApiError('network');
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  const code = (body as { error?: string } | undefined)?.error ?? 'internal';
  const after = Number(response.headers.get('retry-after'));
  if (code === 'signed_out') window.dispatchEvent(new Event('otklik:signed-out'));
  throw new ApiError(code, after > 0 ? after : undefined);
}
