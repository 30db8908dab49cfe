// Lines of a terminal as acts of a person, and messages as lines to read. Pure.
import type { CustomerAct } from '../../core/event.ts';
import type { AttachmentKind, Message } from '../../core/message.ts';

export type Line =
  | { readonly is: 'act'; readonly act: CustomerAct }
  | { readonly is: 'attach'; readonly path: string }
  | { readonly is: 'quit' };

const KIND_BY_ENDING: Readonly<Record<string, AttachmentKind>> = {
  jpg: 'photo',
  jpeg: 'photo',
  png: 'photo',
  webp: 'photo',
  gif: 'photo',
  mp4: 'video',
  webm: 'video',
  mov: 'video',
  ogg: 'voice',
  oga: 'voice',
  mp3: 'audio',
  m4a: 'audio',
};

/** What the line means; absent: nothing was said. */
export function fromLine(line: string): Line | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const [, command, rest = ''] = /^\/(\w+)(?:\s+(.*))?$/s.exec(text) ?? [];
  if (command === 'quit' && rest === '') return { is: 'quit' };
  if (command === 'attach' && rest !== '') return { is: 'attach', path: rest };
  if (command === 'start') {
    return { is: 'act', act: { kind: 'start', ...(rest !== '' && { payload: rest }) } };
  }
  return { is: 'act', act: { kind: 'message', text } };
}

/** The kind a person means by attaching a file of that name; the bytes have the last word. */
export function kindByName(path: string): AttachmentKind {
  return KIND_BY_ENDING[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'document';
}

/** The message as the terminal shows it, every line marked as the other side's. `files` are their shown names. */
export function toLines(message: Message, files: readonly string[], width: number): string {
  const shown = (message.attachments ?? []).map((file, index) => {
    if (file.location) return `[${file.kind}: ${file.location.latitude}, ${file.location.longitude}]`;
    if (file.contact) return `[${file.kind}: ${file.contact.name} ${file.contact.phone}]`;
    return `[${file.kind}: ${files[index] ?? file.name ?? ''}]`;
  });
  const lines = [...shown, ...(message.text === '' ? [] : message.text.split('\n'))];
  return lines
    .flatMap((line) => wrapped(visible(line), width - 2))
    .map((line) => `< ${line}\n`)
    .join('');
}

/** Signs that would command the terminal are left out. */
function visible(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, '');
}

function wrapped(line: string, width: number): string[] {
  const result: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    // A word longer than the line is left whole: a link must stay one to be opened.
    const at = space > 0 ? space : rest.indexOf(' ', width);
    if (at < 0) break;
    result.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...result, rest];
}
