// Asks the running program, from near by and by its public address, how it is.
import { type Finding, finding, whyOf } from '../channels/examine.ts';

const WITHIN = 5_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Report {
  readonly parts: readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[];
}

/** Where it listens, as seen from this host. */
export function nearUrl(host: string, port: number): string {
  const near =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${near}:${port}`;
}

async function ask(url: string): Promise<Answer | undefined> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(WITHIN) });
    return { status: answer.status, text: (await answer.text()).slice(0, 100_000) };
  } catch {
    return undefined;
  }
}

/** Whether this program answers there, and not somebody else's. */
export async function isRunningAt(url: string): Promise<boolean> {
  return reportIn((await ask(`${url}/readyz`))?.text) !== undefined;
}

function reportIn(text: string | undefined): Report | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    const isReport =
      typeof value === 'object' && value !== null && 'parts' in value && Array.isArray(value.parts);
    return isReport ? (value as Report) : undefined;
  } catch {
    return undefined;
  }
}

export async function examineProgram(url: string): Promise<readonly Finding[]> {
  const answer = await ask(`${url}/readyz`);
  if (!answer) return [finding('program', 'ok', 'program.rests', { url })];
  const report = reportIn(answer.text);
  if (!report) return [finding('program', 'warning', 'program.stranger', { url })];
  const ill = report.parts.filter(({ ok }) => !ok);
  if (ill.length === 0) return [finding('program', 'ok', 'program.ready', { url })];
  return ill.map(({ name, reason }) =>
    finding('program', 'error', 'program.ill', { name, why: String(reason ?? '') }),
  );
}

export async function examinePublicUrl(
  url: string | undefined,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  if (url === undefined) return [finding('address', 'ok', 'address.none')];
  // Without the program nobody can answer there.
  if (!isRunning) return [finding('address', 'ok', 'address.unasked', { url })];
  try {
    const answer = await fetch(`${url}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(WITHIN),
    });
    await answer.body?.cancel();
    if (answer.status === 200) return [finding('address', 'ok', 'address.reached', { url })];
    return [finding('address', 'error', 'address.other', { url, status: answer.status })];
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : whyOf(error);
    return [finding('address', 'warning', 'address.unreached', { url, why })];
  }
}
