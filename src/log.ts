// The log: English sentences and ids. Tokens, passwords, telephone numbers and what people wrote never enter it.
import { type Logger, pino } from 'pino';

export type Log = Logger;

/** A bot's token, in a path or alone. */
const TOKEN = /\b(?:bot)?\d{5,}:[\w-]{6,}/g;
/** Credentials in an address. */
const CREDENTIALS = /(\w+:\/\/)[^\s/@]+@/g;
const PHONE = /\+?\d[\d\s()-]{9,}\d/g;

export const redact = (text: string): string =>
  text.replace(TOKEN, '[token]').replace(CREDENTIALS, '$1[secret]@').replace(PHONE, '[number]');

/** What may be told of an error: its name, code and redacted sentence, the stack only where it is a bug. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error ? String(error.code) : undefined;
  const cause =
    error.cause instanceof Error ? redact(`${error.cause.name}: ${error.cause.message}`) : undefined;
  return {
    error: error.name,
    ...(code ? { code } : {}),
    sentence: redact(error.message).slice(0, 500),
    ...(cause ? { cause: cause.slice(0, 300) } : {}),
    at: redact(
      error.stack
        ?.split('\n')
        .slice(1, 6)
        .map((line) => line.trim())
        .join(' | ') ?? '',
    ),
  };
}

export function createLog(level: string, destination?: NodeJS.WritableStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['token', 'password', 'secret', 'text', 'phone', '*.token', '*.password', '*.text', '*.phone'],
        censor: '[hidden]',
      },
      serializers: { err: errorFields },
    },
    destination ?? pino.destination({ fd: 1, sync: false }),
  );
}
