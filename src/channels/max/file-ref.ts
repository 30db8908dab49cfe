// The ref of a file that MAX holds: which bot may ask for it, and its place in the message it came with. Addresses of
// files expire, so the message is asked for anew; an address or a token is never kept.
export interface FileRef {
  readonly account: string;
  /** Where in the message: its own attachments, or those of the message it passes on. */
  readonly within: 'own' | 'forwarded';
  readonly index: number;
  readonly mid: string;
}

const REF = /^max:(\d+)\.([of])(\d+)\.(.+)$/;

export const toRef = ({ account, within, index, mid }: FileRef): string =>
  `max:${account}.${within === 'own' ? 'o' : 'f'}${index}.${mid}`;

export function fromRef(ref: string | undefined): FileRef | undefined {
  const found = ref === undefined ? null : REF.exec(ref);
  if (found === null) return undefined;
  const [, account = '', within, index, mid = ''] = found;
  return { account, within: within === 'o' ? 'own' : 'forwarded', index: Number(index), mid };
}
